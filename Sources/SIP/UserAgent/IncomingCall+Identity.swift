/// Who calls and who was called, as a trunk tells it. Anyone can write these header fields: use them only for calls from a
/// trunk that vouches for them. None is for logs.
extension IncomingCall {
    /// A number that may be the one that was dialled, and which header field names it.
    package struct CalledNumber: Sendable, Equatable {
        /// Where the number stands.
        package enum Source: Sendable {
            /// P-Called-Party-ID (RFC 7315 4.2): what stood in the Request-URI before it became our registered contact.
            case calledParty
            /// The Request-URI: whom the trunk wants to reach now.
            case requestURI
            /// To: what the caller's side wrote.
            case to
            /// The first entry of History-Info (RFC 7044): the target before any diversion.
            case history
            /// The last entry of Diversion (RFC 5806): who diverted first.
            case diversion
        }

        /// Digits, with `+` when it is global.
        package let number: String
        /// Where it stands.
        package let source: Source
    }

    /// The numbers that may be the one that was dialled, the most trustworthy first, each once.
    package var calledNumbers: [CalledNumber] {
        let candidates: [(SIPURI?, CalledNumber.Source)] = [
            (addresses("P-Called-Party-ID").first?.uri, .calledParty), (requestURI, .requestURI), (to.uri, .to),
            (historyTarget, .history), (addresses("Diversion").last?.uri, .diversion),
        ]
        var numbers: [CalledNumber] = []
        for (uri, source) in candidates {
            guard let number = uri?.telephoneNumber, !numbers.contains(where: { $0.number == number }) else { continue }
            numbers.append(CalledNumber(number: number, source: source))
        }
        return numbers
    }

    /// The caller's number: that of P-Asserted-Identity (RFC 3325 9.1), else Remote-Party-ID, P-Preferred-Identity or From;
    /// nil when none of them is a number.
    package var callerNumber: String? {
        let party = addresses("Remote-Party-ID").filter { !($0.parameters["party"] ?? "calling").equalsIgnoringCase("called") }
        let candidates = addresses("P-Asserted-Identity") + party + addresses("P-Preferred-Identity") + [from]
        return candidates.lazy.compactMap(\.uri.telephoneNumber).first
    }

    /// Whether the caller asked to be withheld from the called (RFC 3323 4.2, RFC 3325 9.3).
    package var isCallerWithheld: Bool {
        let wishes = headers.values("Privacy").flatMap { $0.split(whereSeparator: { $0 == ";" || $0 == "," }) }.map(\.trimmed)
        if wishes.contains(where: { wish in ["id", "user", "header"].contains { wish.equalsIgnoringCase($0) } }) { return true }
        return addresses("Remote-Party-ID").contains { ["full", "uri"].contains($0.parameters["privacy"] ?? "") }
    }

    /// The addresses of a header field that can be read; a bad one spoils no other.
    private func addresses(_ name: String) -> [NameAddress] {
        headers.list(name).prefix(32).compactMap { try? NameAddress(parsing: $0) }
    }

    /// The entry with the lowest index: entries are in order, but proxies may have put theirs elsewhere.
    private var historyTarget: SIPURI? {
        addresses("History-Info").min { Self.index($0).lexicographicallyPrecedes(Self.index($1)) }?.uri
    }

    private static func index(_ entry: NameAddress) -> [Int] {
        let parts = (entry.parameters["index"] ?? "").split(separator: ".").compactMap { Int($0) }
        return parts.isEmpty ? [Int.max] : parts
    }
}

extension SIPHeaders.Field {
    /// The identity that we want a trunk to assert (RFC 3325 9.2): for `extraHeaders` of an INVITE.
    package static func preferredIdentity(_ identity: NameAddress) -> SIPHeaders.Field {
        SIPHeaders.Field("P-Preferred-Identity", identity.text)
    }

    /// The identity that we assert to a trunk that trusts us (RFC 3325 9.1): for `extraHeaders` of an INVITE.
    package static func assertedIdentity(_ identity: NameAddress) -> SIPHeaders.Field {
        SIPHeaders.Field("P-Asserted-Identity", identity.text)
    }
}
