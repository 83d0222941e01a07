/// The timer values of RFC 3261 17.1.1.1 and 17.1.2.2. All others follow from these three.
package struct SIPTiming: Sendable, Equatable {
    /// The round-trip estimate.
    package var t1: Duration
    /// The longest interval between retransmissions of a non-INVITE request or an INVITE response.
    package var t2: Duration
    /// The longest time that a message stays in the network.
    package var t4: Duration

    /// Builds values; those of the standard by default: 500 ms, 4 s, 5 s.
    package init(t1: Duration = .milliseconds(500), t2: Duration = .seconds(4), t4: Duration = .seconds(5)) {
        self.t1 = t1
        self.t2 = t2
        self.t4 = t4
    }

    /// 64 x T1: when an unanswered transaction is given up (timers B, F, H, J, L, M).
    package var timeout: Duration { t1 * 64 }

    /// Timer D: at least 32 s on an unreliable transport.
    package var d: Duration { max(.seconds(32), timeout) }
}

/// The timers of RFC 3261 17 by their letters; L and M are of RFC 6026 7.
package enum SIPTimer: Sendable, Hashable {
    /// INVITE client: retransmission; timeout; wait for retransmitted final responses; wait for more 2xx.
    case a, b, d, m
    /// Non-INVITE client: retransmission; timeout; wait for retransmitted responses.
    case e, f, k
    /// INVITE server: retransmission of the final response; wait for ACK; wait for more ACKs; wait after a 2xx.
    case g, h, i, l
    /// Non-INVITE server: wait for retransmitted requests.
    case j
}

/// What a transaction wants done, in order.
package enum TransactionAction: Sendable, Equatable {
    /// Send the message to the peer of the transaction.
    case send(SIPMessage)
    /// Start a timer, or start it anew.
    case set(SIPTimer, Duration)
    /// Stop a timer; it may not be running.
    case cancel(SIPTimer)
    /// Hand a message to the transaction user.
    case deliver(SIPMessage)
    /// Tell the transaction user that no answer or no ACK came.
    case timedOut
    /// Forget the transaction. Always the last action.
    case terminated
}
