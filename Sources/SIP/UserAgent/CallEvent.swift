/// What happens to a call, in order. The stream ends after ``rejected(status:reason:)`` or ``ended(_:)``.
package enum CallEvent: Sendable {
    /// A 1xx other than 100 came, each status once in a row.
    case provisional(status: Int)
    /// Our INVITE was answered; the body is the session description of the answer.
    case answered(body: [UInt8])
    /// Our INVITE failed: 300...699, or 408 when nothing came before timer B ran out. The reason is text of the peer:
    /// not for logs.
    case rejected(status: Int, reason: String)
    /// The peer wants to change the session. An empty body asks for an offer of ours in the 200. It must be responded to.
    case reinvite(body: [UInt8], ReinviteResponder)
    /// A 200 of ours was acknowledged; the body is not empty when the 200 carried an offer (RFC 3264 4).
    case acknowledged(body: [UInt8])
    /// The call is over.
    case ended(CallEnd)
}

/// Who or what ended a call.
package enum CallEnd: Sendable, Equatable {
    /// The peer sent BYE.
    case remoteHangUp
    /// The caller cancelled before our answer.
    case remoteCancel
    /// We hung up or rejected.
    case localHangUp
    /// A request inside the call had no answer, or the peer did not know the call any more (RFC 3261 12.2.1.2).
    case lost
    /// No ACK came to our 200 (RFC 3261 13.3.1.4).
    case notAcknowledged
    /// The agent was shut down with the call in progress.
    case shutDown
}

/// The answer to a re-INVITE that is no 200.
package struct ReinviteFailure: Error, Equatable, Sendable {
    /// The peer's status, or ours: 408 no answer, 481 the call is over, 491 another INVITE is in progress.
    package let status: Int
    /// Whether the call is over with it. Otherwise the session goes on as it was (RFC 3261 14.1).
    package let isCallOver: Bool

    /// Both sides want to change the session at once: try again after ``Call/glareDelay()``.
    package var isGlare: Bool { status == 491 }

    /// Builds a failure.
    package init(status: Int, isCallOver: Bool = false) {
        self.status = status
        self.isCallOver = isCallOver
    }
}
