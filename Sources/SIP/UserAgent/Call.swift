/// One call, of either direction. It lasts until its events end; who drops it without ``hangUp()`` leaves it standing.
package struct Call: Sendable {
    /// Call-ID: the only thing about a call that may be logged.
    package let callID: String
    /// What happens. One reader only.
    package let events: AsyncStream<CallEvent>
    let key: CallKey
    let agent: UserAgent
    let box: CallFactsBox

    /// What is known of how the call ended; complete when its last event has come.
    package var facts: CallFacts { box.value }

    /// Offers a changed session (RFC 3261 14.1) and returns the answer's body.
    /// - Throws: ``ReinviteFailure``.
    package func reinvite(body: [UInt8]) async throws(ReinviteFailure) -> [UInt8] {
        try await agent.reinvite(key, body: body).get()
    }

    /// Offers a changed session by UPDATE (RFC 3311) and returns the answer's body; without a body it refreshes the session.
    /// Only of use with a peer that knows UPDATE: others answer 405 or 501.
    /// - Throws: ``ReinviteFailure``.
    package func update(body: [UInt8]) async throws(ReinviteFailure) -> [UInt8] {
        try await agent.update(key, body: body).get()
    }

    /// How long to wait after a 491 before the next try (RFC 3261 14.1): 2.1...4 s for the side that owns the Call-ID,
    /// 0...2 s for the other, in steps of 10 ms.
    package func glareDelay() async -> Duration {
        await agent.glareDelay(key)
    }

    /// Ends the call: CANCEL before the final answer to our INVITE, 480 to an unanswered INVITE of the peer, BYE else.
    /// It returns when that is sent; ``CallEvent/ended(_:)`` follows, at once after BYE. Further calls do nothing.
    /// - Parameter reason: why, told to the peer in BYE or CANCEL (RFC 3326); nil says nothing.
    package func hangUp(reason: SIPReason? = nil) async {
        await agent.hangUp(key, reason: reason)
    }
}

/// Names a call inside one agent.
struct CallKey: Hashable, Sendable {
    let number: UInt64
}

/// Answers one re-INVITE of the peer. Only the first answer counts; none is sent when the re-INVITE is over already.
package struct ReinviteResponder: Sendable {
    let key: CallKey
    let transaction: TransactionID
    let agent: UserAgent

    /// 200 with a session description: the answer, or an offer when the re-INVITE had none.
    package func answer(body: [UInt8]) async {
        await agent.answerReinvite(key, transaction, body: body)
    }

    /// A failure, 300...699, such as 488. The session goes on as it was.
    package func reject(status: Int) async {
        await agent.rejectReinvite(key, transaction, status: status)
    }
}
