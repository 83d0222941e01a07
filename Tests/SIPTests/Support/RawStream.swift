import NIOCore
import NIOPosix

/// A TCP connection whose bytes a test writes and reads itself.
final class RawStream: Sendable {
    private let channel: any Channel
    private let input: AsyncStream<[UInt8]>

    fileprivate init(_ channel: any Channel, _ input: AsyncStream<[UInt8]>) {
        self.channel = channel
        self.input = input
    }

    init(to address: SocketAddress) async throws {
        let (input, output) = AsyncStream.makeStream(of: [UInt8].self)
        self.input = input
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reader(output)) }
            }
            .connect(to: address).get()
    }

    func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(channel.allocator.buffer(bytes: bytes)).get() }

    func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    /// What comes until it ends with these bytes, or the peer closes.
    func read(until end: String = "\r\n\r\n") async -> String {
        var bytes: [UInt8] = []
        for await more in input {
            bytes += more
            if bytes.suffix(end.utf8.count).elementsEqual(end.utf8) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns when the peer has closed.
    func waitForEnd() async { for await _ in input {} }

    func close() async { try? await channel.close().get() }
}

/// Takes TCP connections for a test.
final class RawListener: Sendable {
    private let channel: any Channel
    private let accepted: AsyncStream<RawStream>

    init(port: Int = 0) async throws {
        let (accepted, output) = AsyncStream.makeStream(of: RawStream.self)
        self.accepted = accepted
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (input, continuation) = AsyncStream.makeStream(of: [UInt8].self)
                    try channel.pipeline.syncOperations.addHandler(Reader(continuation))
                    output.yield(RawStream(channel, input))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    func next() async throws -> RawStream {
        for await stream in accepted { return stream }
        throw Unexpected()
    }

    func close() async { try? await channel.close().get() }
}

private final class Reader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let output: AsyncStream<[UInt8]>.Continuation

    init(_ output: AsyncStream<[UInt8]>.Continuation) {
        self.output = output
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        output.yield(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) { output.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
