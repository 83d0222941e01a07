import NIOCore
import NIOPosix

/// A server on a loopback port that answers whatever is said to it with the same bytes.
struct CannedServer {
    let port: Int

    /// - Parameters:
    ///   - isDone: whether the connection ends with the answer.
    static func with<Result: Sendable>(
        _ answer: String, isDone: Bool = true, _ body: (CannedServer) async throws -> Result
    ) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answer(answer: answer, isDone: isDone))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(CannedServer(port: channel.localAddress?.port ?? 0))
            try await channel.close()
            return result
        } catch {
            try await channel.close()
            throw error
        }
    }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: String
        private let isDone: Bool
        private var hasAnswered = false

        init(answer: String, isDone: Bool) {
            self.answer = answer
            self.isDone = isDone
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasAnswered else { return }
            hasAnswered = true
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            if isDone { context.close(promise: nil) }
        }
    }
}
