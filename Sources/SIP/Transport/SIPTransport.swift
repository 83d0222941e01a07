package import NIOCore

/// One message as it came, not yet parsed, and how it came.
package struct SIPDatagram: Sendable {
    /// The message: one datagram, or what the framing cut out of a stream.
    package let bytes: [UInt8]
    /// The way it came, which is the way of its answer. On UDP a sender can forge the address.
    package let flow: SIPFlow

    /// The address it came from.
    package var source: SocketAddress { flow.remote }

    /// Builds a datagram.
    package init(bytes: [UInt8], flow: SIPFlow) {
        self.bytes = bytes
        self.flow = flow
    }
}

/// What a transport tells its agent.
package enum SIPTransportEvent: Sendable {
    /// A message came.
    case message(SIPDatagram)
    /// A connection is over, or could not be made: then `wasOpen` is false and nothing was sent on it. The reason is for
    /// the operator.
    case closed(SIPConnectionID, wasOpen: Bool, reason: String)
}

/// The way messages leave and arrive: ``UDPTransport`` or ``StreamTransport``.
package protocol SIPTransport: Sendable {
    /// What it speaks.
    var kind: SIPTransportKind { get }
    /// The address bound.
    var localAddress: SocketAddress { get }
    /// What happens. It is read by one agent and ends when the transport is closed.
    var arrivals: AsyncStream<SIPTransportEvent> { get }
    /// The flow with the connection that a message to it leaves by now: its own if that lives, else one to its address,
    /// which is opened when there is none. On UDP the flow itself.
    func connect(_ flow: SIPFlow) -> SIPFlow
    /// Sends without waiting on a flow that ``connect(_:)`` gave; what cannot be sent is lost, as on the wire, and told
    /// by ``SIPTransportEvent/closed(_:wasOpen:reason:)`` on a stream.
    func send(_ bytes: [UInt8], to flow: SIPFlow)
    /// Tells that the agent has taken an event out of ``arrivals``: a stream transport counts what waits there.
    func noteRead(_ event: SIPTransportEvent)
    /// Closes the transport.
    func close() async
}

extension SIPTransport {
    /// Nothing to do on a transport without connections.
    package func connect(_ flow: SIPFlow) -> SIPFlow { flow }

    /// Nothing to do on a transport that drops what nobody reads.
    package func noteRead(_ event: SIPTransportEvent) {}
}
