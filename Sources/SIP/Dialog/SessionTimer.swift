/// A Session-Expires value (RFC 4028 4): how long a session lives without a refresh, and who refreshes it.
package struct SessionExpires: Sendable, Equatable {
    /// A side of the transaction that carries the value.
    package enum Refresher: String, Sendable {
        /// Who sent the request.
        case uac
        /// Who answered it.
        case uas
    }

    /// The interval, seconds.
    package var seconds: Int
    /// Who refreshes; nil leaves the choice to the answerer.
    package var refresher: Refresher?

    /// Builds a value.
    package init(seconds: Int, refresher: Refresher?) {
        self.seconds = seconds
        self.refresher = refresher
    }

    /// Reads the value of a message; nil when there is none or it is malformed.
    package init?(_ headers: SIPHeaders) {
        guard let value = headers["Session-Expires"] else { return nil }
        var scanner = ByteScanner(value)
        guard let seconds = scanner.number(), let parameters = try? SIPParameters(&scanner, isValueByte: \.isToken),
            scanner.isAtEnd
        else { return nil }
        self.seconds = seconds
        let refresher = parameters["refresher"] ?? ""
        self.refresher = refresher.equalsIgnoringCase("uac") ? .uac : refresher.equalsIgnoringCase("uas") ? .uas : nil
    }

    /// The text on the wire.
    package var text: String { "\(seconds)" + (refresher.map { ";refresher=\($0.rawValue)" } ?? "") }
}

/// The session timer of a dialog (RFC 4028), agreed in its last INVITE or UPDATE.
struct SessionTimer: Sendable, Equatable {
    /// The interval, seconds.
    let seconds: Int
    /// Whether refreshing is on us.
    let isRefresher: Bool

    /// When we refresh after the last refresh: half the interval (RFC 4028 7.2), but never in a storm.
    var refreshDelay: Duration { .seconds(max(5, seconds / 2)) }

    /// When the session is taken for dead: 32 s or a third of the interval before its end, whichever is less (RFC 4028 10).
    var expiryDelay: Duration { .seconds(max(10, seconds - min(32, seconds / 3))) }

    /// The value for a request of ours: the roles as they are (RFC 4028 7.4).
    var offered: SessionExpires { SessionExpires(seconds: seconds, refresher: isRefresher ? .uac : .uas) }

    /// What an answerer agrees to, or nil when the request asks for no timer (RFC 4028 9). A caller without the extension
    /// cannot refresh, whoever wrote the value.
    init?(answering headers: SIPHeaders) {
        guard let asked = SessionExpires(headers) else { return nil }
        seconds = asked.seconds
        isRefresher =
            !headers.list("Supported").contains("timer") && !headers.list("Require").contains("timer")
            || asked.refresher == .uas
    }

    /// What the 2xx to a request of ours says; nil when the session does not expire (RFC 4028 7.2). Without a role the
    /// refreshing is done by us, since a session that nobody refreshes dies.
    init?(answeredBy headers: SIPHeaders) {
        guard let agreed = SessionExpires(headers) else { return nil }
        seconds = agreed.seconds
        isRefresher = agreed.refresher != .uas
    }

    init(seconds: Int, isRefresher: Bool) {
        self.seconds = seconds
        self.isRefresher = isRefresher
    }
}
