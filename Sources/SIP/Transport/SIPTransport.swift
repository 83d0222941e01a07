package import NIOCore

/// One datagram and who sent it.
package struct SIPDatagram: Sendable {
    /// The payload.
    package let bytes: [UInt8]
    /// The address it came from, which a sender on UDP can forge.
    package let source: SocketAddress

    /// Builds a datagram.
    package init(bytes: [UInt8], source: SocketAddress) {
        self.bytes = bytes
        self.source = source
    }
}

/// The way messages leave and arrive. The first implementation is ``UDPTransport``; stream transports come as further
/// ones that cut their streams into messages.
package protocol SIPTransport: Sendable {
    /// The name in Via: `UDP`, `TCP`, `TLS`.
    var name: String { get }
    /// Whether retransmission by the transactions is needless (RFC 3261 17).
    var isReliable: Bool { get }
    /// The address bound.
    var localAddress: SocketAddress { get }
    /// What arrives. It is read by one agent and ends when the transport is closed.
    var datagrams: AsyncStream<SIPDatagram> { get }
    /// Sends without waiting; what cannot be sent is lost, as on the wire.
    func send(_ bytes: [UInt8], to address: SocketAddress)
    /// Closes the transport.
    func close() async
}
