/// The two descriptions in force in a call: what the last successful offer and answer left (RFC 3264). A failed change
/// leaves them as they were.
struct NegotiatedSession: Sendable {
    /// Ours, as sent.
    var local: [UInt8] = []
    /// The peer's, as it came.
    var remote: [UInt8] = []

    /// Whether an offer of the peer asks for nothing new, so that ours in force is its answer.
    func isRefreshed(by offer: [UInt8]) -> Bool {
        guard !local.isEmpty, !remote.isEmpty, !offer.isEmpty else { return false }
        if offer == remote { return true }
        guard let last = try? SessionDescription(parsing: remote), let next = try? SessionDescription(parsing: offer) else {
            return false
        }
        return next.isUnchanged(since: last)
    }
}

extension SessionDescription {
    /// Whether the description means the same session as an earlier one of the same sender: the same media at the same
    /// places, and either the version that says so (RFC 3264 8) or the same attributes. The version alone is not believed,
    /// because there are gateways that change from audio to T.38 and leave it.
    package func isUnchanged(since last: SessionDescription) -> Bool {
        guard media.count == last.media.count else { return false }
        for (now, before) in zip(media, last.media) {
            guard now.kind == before.kind, now.port == before.port, now.transport.equalsIgnoringCase(before.transport),
                now.formats == before.formats, connection(of: now) == last.connection(of: before),
                direction(of: now) == last.direction(of: before)
            else { return false }
        }
        if origin == last.origin { return true }
        return attributes == last.attributes && media.map(\.attributes) == last.media.map(\.attributes)
    }

    /// `sendrecv` when nothing is said (RFC 8866 6.7).
    private func direction(of medium: MediaDescription) -> String {
        for attributes in [medium.attributes, attributes] {
            for name in ["sendrecv", "sendonly", "recvonly", "inactive"] where attributes.first(named: name) != nil { return name }
        }
        return "sendrecv"
    }
}
