package import NIOCore
import NIOPosix

/// SIP over UDP on one socket (RFC 3261 18).
package struct UDPTransport: SIPTransport {
    /// Datagrams that may wait to be read; in a flood the newest are dropped, as the kernel would.
    private static let backlog = 1_024

    /// See ``SIPTransport/kind``.
    package let kind = SIPTransportKind.udp
    /// See ``SIPTransport/localAddress``.
    package let localAddress: SocketAddress
    /// See ``SIPTransport/arrivals``.
    package let arrivals: AsyncStream<SIPTransportEvent>
    private let channel: any Channel

    /// Binds a socket.
    /// - Parameters:
    ///   - host: a numeric address of this machine, or `0.0.0.0`.
    ///   - port: 0 lets the system choose.
    /// - Throws: the error of the system, such as "address in use".
    package init(host: String, port: Int, group: any EventLoopGroup) async throws {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SIPTransportEvent.self, bufferingPolicy: .bufferingOldest(Self.backlog))
        arrivals = stream
        channel = try await DatagramBootstrap(group: group)
            .channelOption(.socketOption(.so_reuseaddr), value: 0)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_535))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramReceiver(continuation: continuation))
                }
            }
            .bind(host: host, port: port).get()
        guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
        localAddress = address
    }

    /// See ``SIPTransport/send(_:to:)``. Requests of more than 1,300 bytes leave as they are, in fragments where the path is
    /// narrower, though RFC 3261 18.1.1 wants a stream for them: many a trunk on UDP takes no connections at all. A trunk
    /// that loses them needs TCP or TLS.
    package func send(_ bytes: [UInt8], to flow: SIPFlow) {
        let envelope = AddressedEnvelope(remoteAddress: flow.remote, data: channel.allocator.buffer(bytes: bytes))
        channel.writeAndFlush(envelope, promise: nil)
    }

    /// See ``SIPTransport/close()``.
    package func close() async {
        // A second close fails and changes nothing.
        try? await channel.close().get()
    }
}

/// Hands datagrams over from the event loop.
private final class DatagramReceiver: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let continuation: AsyncStream<SIPTransportEvent>.Continuation

    init(continuation: AsyncStream<SIPTransportEvent>.Continuation) {
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let bytes = Array(envelope.data.readableBytesView)
        continuation.yield(.message(SIPDatagram(bytes: bytes, flow: SIPFlow(kind: .udp, remote: envelope.remoteAddress))))
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.finish()
        context.fireChannelInactive()
    }

    /// An ICMP error ends up here; the timers of the transaction decide, not the network's word (RFC 3261 18.4).
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
