import NIOCore
import NIOPosix

/// One query to one nameserver: by datagram, and over TCP when the answer does not fit (RFC 7766 5).
struct DNSExchange: Sendable {
    let query: [UInt8]
    let id: UInt16
    let server: SocketAddress
    let timeout: Duration
    let clock: any SIPClock
    let group: any EventLoopGroup

    /// The answer; nil when none came in time.
    func run(matching name: String, _ kind: DNSRecord.Kind) async -> DNSMessage? {
        for isStream in [false, true] {
            guard let message = await attempt(isStream: isStream, name, kind) else { return nil }
            if !message.isTruncated { return message }
        }
        return nil
    }

    private func attempt(isStream: Bool, _ name: String, _ kind: DNSRecord.Kind) async -> DNSMessage? {
        let (replies, output) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingOldest(16))
        let timer = clock.schedule(after: timeout) { output.finish() }
        defer { timer.cancel() }
        guard let channel = try? await connect(isStream: isStream, output) else { return nil }
        var request = channel.allocator.buffer(capacity: query.count + 2)
        if isStream { request.writeInteger(UInt16(query.count)) }
        request.writeBytes(query)
        channel.writeAndFlush(request, promise: nil)
        var answer: DNSMessage?
        for await bytes in replies {
            // What does not fit the query is forged or late: the true answer may follow.
            guard let message = try? DNSMessage(parsing: bytes), message.id == id, message.name == name,
                message.type == kind.rawValue
            else { continue }
            answer = message
            break
        }
        channel.close(promise: nil)
        return answer
    }

    private func connect(isStream: Bool, _ output: AsyncStream<[UInt8]>.Continuation) async throws -> any Channel {
        if isStream {
            return try await ClientBootstrap(group: group).connectTimeout(.seconds(2))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DNSStreamReader(output))
                    }
                }
                .connect(to: server).get()
        }
        // A connected socket takes datagrams of the nameserver only.
        return try await DatagramBootstrap(group: group)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_535))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DNSDatagramReader(output))
                }
            }
            .connect(to: server).get()
    }
}

private final class DNSDatagramReader: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let output: AsyncStream<[UInt8]>.Continuation

    init(_ output: AsyncStream<[UInt8]>.Continuation) {
        self.output = output
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        output.yield(Array(unwrapInboundIn(data).data.readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) { output.finish() }

    /// Nobody listens there.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { output.finish() }
}

/// Cuts a stream into messages with a length of two bytes (RFC 1035 4.2.2).
private final class DNSStreamReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let output: AsyncStream<[UInt8]>.Continuation
    private var buffer: [UInt8] = []

    init(_ output: AsyncStream<[UInt8]>.Continuation) {
        self.output = output
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer += unwrapInboundIn(data).readableBytesView
        while buffer.count >= 2 {
            let length = Int(buffer[0]) << 8 | Int(buffer[1])
            guard buffer.count >= length + 2 else { return }
            output.yield(Array(buffer[2..<(length + 2)]))
            buffer.removeSubrange(..<(length + 2))
        }
    }

    func channelInactive(context: ChannelHandlerContext) { output.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { output.finish() }
}
