/// The 2xx to an INVITE, sent again until its ACK comes (RFC 3261 13.3.1.4). It outlives the transaction's say in the
/// matter, because a proxy may have forgotten the transaction while the 2xx must still get through.
package struct SuccessRetransmission: Sendable {
    /// What runs while no ACK has come.
    package enum Timer: Sendable, Hashable {
        /// The next retransmission: T1, doubling up to T2.
        case retransmit
        /// 64 x T1: no ACK will come.
        case giveUp
    }

    /// What to do, in order.
    package enum Action: Sendable, Equatable {
        /// Send the response.
        case send(SIPResponse)
        /// Start a timer, or start it anew.
        case set(Timer, Duration)
        /// No ACK came: the dialog stands, the session must be ended with BYE.
        case notAcknowledged
    }

    private let response: SIPResponse
    private let timing: SIPTiming
    private var interval: Duration

    /// Builds the machine; the first transmission is the transaction's.
    package init(response: SIPResponse, timing: SIPTiming) {
        self.response = response
        self.timing = timing
        interval = timing.t1
    }

    /// The timers to start with.
    package func start() -> [Action] { [.set(.retransmit, interval), .set(.giveUp, timing.timeout)] }

    /// A timer ran out.
    package mutating func fire(_ timer: Timer) -> [Action] {
        switch timer {
        case .retransmit:
            interval = min(interval * 2, timing.t2)
            return [.send(response), .set(.retransmit, interval)]
        case .giveUp:
            return [.notAcknowledged]
        }
    }
}
