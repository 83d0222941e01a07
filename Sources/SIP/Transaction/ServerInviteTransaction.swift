/// The INVITE server transaction (RFC 3261 17.2.1 with the `accepted` state of RFC 6026 8.7). It retransmits failures
/// until ACK; a 2xx is retransmitted by ``SuccessRetransmission``.
package struct ServerInviteTransaction: Sendable {
    /// RFC 6026 figure 5.
    package enum State: Sendable, Equatable {
        /// No final response yet.
        case proceeding
        /// A failure was sent.
        case completed
        /// The failure was acknowledged.
        case confirmed
        /// A 2xx was sent.
        case accepted
        /// Over.
        case terminated
    }

    /// The state.
    package private(set) var state = State.proceeding
    private let timing: SIPTiming
    private let isReliable: Bool
    private var interval: Duration
    private var lastResponse: SIPResponse?

    /// Builds a transaction; `isReliable` is true on TCP and TLS.
    package init(timing: SIPTiming, isReliable: Bool) {
        self.timing = timing
        self.isReliable = isReliable
        interval = timing.t1
    }

    /// The user answers. After a final response further ones are ignored.
    package mutating func respond(_ response: SIPResponse) -> [TransactionAction] {
        guard state == .proceeding else { return [] }
        lastResponse = response
        if response.isProvisional { return [.send(.response(response))] }
        if response.isSuccess {
            state = .accepted
            return [.send(.response(response)), .set(.l, timing.timeout)]
        }
        state = .completed
        return [.send(.response(response))] + (isReliable ? [] : [.set(.g, interval)]) + [.set(.h, timing.timeout)]
    }

    /// The INVITE came again.
    package func receiveRetransmission() -> [TransactionAction] {
        guard state == .proceeding || state == .completed, let lastResponse else { return [] }
        return [.send(.response(lastResponse))]
    }

    /// The ACK to a failure came.
    package mutating func receiveACK() -> [TransactionAction] {
        guard state == .completed else { return [] }
        state = isReliable ? .terminated : .confirmed
        return [.cancel(.g), .cancel(.h), isReliable ? .terminated : .set(.i, timing.t4)]
    }

    /// A timer ran out.
    package mutating func fire(_ timer: SIPTimer) -> [TransactionAction] {
        switch (timer, state) {
        case (.g, .completed):
            guard let lastResponse else { return [] }
            interval = min(interval * 2, timing.t2)
            return [.send(.response(lastResponse)), .set(.g, interval)]
        case (.h, .completed):
            state = .terminated
            return [.cancel(.g), .timedOut, .terminated]
        case (.i, .confirmed), (.l, .accepted):
            state = .terminated
            return [.terminated]
        default:
            return []
        }
    }
}
