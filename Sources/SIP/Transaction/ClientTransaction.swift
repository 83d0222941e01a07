/// The non-INVITE client transaction (RFC 3261 17.1.2).
package struct ClientTransaction: Sendable {
    /// RFC 3261 figure 6.
    package enum State: Sendable, Equatable {
        /// Sent, nothing heard.
        case trying
        /// A 1xx came.
        case proceeding
        /// A final response came.
        case completed
        /// Over.
        case terminated
    }

    /// The state.
    package private(set) var state = State.trying
    /// The request, with the Via that names the transaction.
    package let request: SIPRequest
    private let timing: SIPTiming
    private let isReliable: Bool
    private var interval: Duration

    /// Builds a transaction; `isReliable` is true on TCP and TLS.
    package init(request: SIPRequest, timing: SIPTiming, isReliable: Bool) {
        self.request = request
        self.timing = timing
        self.isReliable = isReliable
        interval = timing.t1
    }

    /// The first transmission.
    package func start() -> [TransactionAction] {
        [.send(.request(request))] + (isReliable ? [] : [.set(.e, interval)]) + [.set(.f, timing.timeout)]
    }

    /// A response with the branch of this transaction came.
    package mutating func receive(_ response: SIPResponse) -> [TransactionAction] {
        guard state == .trying || state == .proceeding else { return [] }
        if response.isProvisional {
            state = .proceeding
            return [.deliver(.response(response))]
        }
        state = isReliable ? .terminated : .completed
        return [
            .cancel(.e), .cancel(.f), .deliver(.response(response)), isReliable ? .terminated : .set(.k, timing.t4),
        ]
    }

    /// A timer ran out.
    package mutating func fire(_ timer: SIPTimer) -> [TransactionAction] {
        switch (timer, state) {
        case (.e, .trying), (.e, .proceeding):
            interval = state == .proceeding ? timing.t2 : min(interval * 2, timing.t2)
            return [.send(.request(request)), .set(.e, interval)]
        case (.f, .trying), (.f, .proceeding):
            state = .terminated
            return [.cancel(.e), .timedOut, .terminated]
        case (.k, .completed):
            state = .terminated
            return [.terminated]
        default:
            return []
        }
    }
}
