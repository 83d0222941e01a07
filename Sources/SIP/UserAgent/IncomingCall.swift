package import NIOCore

/// A call that waits for our answer. It must be answered or rejected; when the caller gives up first, the events of
/// ``call`` end with ``CallEnd/remoteCancel``.
package struct IncomingCall: Sendable {
    /// From of the INVITE. Not for logs.
    package let from: NameAddress
    /// To of the INVITE. Not for logs.
    package let to: NameAddress
    /// The Request-URI: whom the trunk wants to reach. Not for logs.
    package let requestURI: SIPURI
    /// All header fields, for Diversion, P-Asserted-Identity and the like. Not for logs.
    package let headers: SIPHeaders
    /// The session description offered; empty when the caller wants our offer in the 200.
    package let body: [UInt8]
    /// Where the INVITE came from.
    package let source: SocketAddress
    /// The call; its events run from the start.
    package let call: Call

    /// Call-ID.
    package var callID: String { call.callID }

    /// Sends 180.
    package func ring() async {
        await call.agent.ring(call.key)
    }

    /// Sends 200 with a session description. Media may start at once; ``CallEvent/acknowledged(body:)`` follows.
    /// - Throws: ``UserAgentError/notPending`` when the caller gave up or an answer was given before.
    package func answer(body: [UInt8]) async throws(UserAgentError) -> Call {
        guard await call.agent.answer(call.key, body: body) else { throw .notPending }
        return call
    }

    /// Sends a failure, 300...699. It does nothing when the call is answered or over.
    /// - Parameter retryAfter: seconds after which another call makes sense (RFC 3261 20.33); nil says nothing.
    package func reject(status: Int, retryAfter: Int? = nil) async {
        await call.agent.reject(call.key, status: status, retryAfter: retryAfter)
    }
}
