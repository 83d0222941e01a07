/// A request method (RFC 3261 7.1). Methods are case-sensitive tokens; unknown ones are carried as they came.
package struct SIPMethod: RawRepresentable, Hashable, Sendable {
    /// The token on the wire.
    package let rawValue: String

    /// Wraps a token; the parser admits tokens only.
    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// RFC 3261 13.
    package static let invite = SIPMethod(rawValue: "INVITE")
    /// RFC 3261 13.2.2.4.
    package static let ack = SIPMethod(rawValue: "ACK")
    /// RFC 3261 15.
    package static let bye = SIPMethod(rawValue: "BYE")
    /// RFC 3261 9.
    package static let cancel = SIPMethod(rawValue: "CANCEL")
    /// RFC 3261 10.
    package static let register = SIPMethod(rawValue: "REGISTER")
    /// RFC 3261 11.
    package static let options = SIPMethod(rawValue: "OPTIONS")

    /// RFC 3311.
    package static let update = SIPMethod(rawValue: "UPDATE")

    /// Methods of the standards that this agent knows and does not serve: they are answered 405, all others 501.
    static let known: Set<String> = [
        "REGISTER", "PRACK", "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO", "REFER", "MESSAGE",
    ]
}
