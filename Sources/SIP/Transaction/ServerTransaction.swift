/// The non-INVITE server transaction (RFC 3261 17.2.2).
package struct ServerTransaction: Sendable {
    /// RFC 3261 figure 8.
    package enum State: Sendable, Equatable {
        /// Nothing sent yet.
        case trying
        /// A 1xx was sent.
        case proceeding
        /// A final response was sent.
        case completed
        /// Over.
        case terminated
    }

    /// The state.
    package private(set) var state = State.trying
    private let timing: SIPTiming
    private let isReliable: Bool
    private var lastResponse: SIPResponse?

    /// Builds a transaction; `isReliable` is true on TCP and TLS.
    package init(timing: SIPTiming, isReliable: Bool) {
        self.timing = timing
        self.isReliable = isReliable
    }

    /// The user answers. After a final response further ones are ignored.
    package mutating func respond(_ response: SIPResponse) -> [TransactionAction] {
        guard state == .trying || state == .proceeding else { return [] }
        lastResponse = response
        guard !response.isProvisional else {
            state = .proceeding
            return [.send(.response(response))]
        }
        state = isReliable ? .terminated : .completed
        return [.send(.response(response)), isReliable ? .terminated : .set(.j, timing.timeout)]
    }

    /// The request came again.
    package func receiveRetransmission() -> [TransactionAction] {
        guard state != .terminated, let lastResponse else { return [] }
        return [.send(.response(lastResponse))]
    }

    /// A timer ran out.
    package mutating func fire(_ timer: SIPTimer) -> [TransactionAction] {
        guard timer == .j, state == .completed else { return [] }
        state = .terminated
        return [.terminated]
    }
}
