import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A receiver of messages on a free port of 127.0.0.1, whose answers a test decides.
final class Receiver: Sendable {
    struct Request: Sendable {
        let method: String
        let path: String
        let headers: HTTPHeaders
        let body: String
    }

    enum Reply: Sendable {
        case status(Int, [(String, String)] = [])
        /// Nothing at all.
        case silence
        /// A head, then nothing more.
        case half(Int)
        /// A body of that many bytes.
        case flood(Int)
        /// The connection is closed without an answer.
        case close
    }

    private let heard = Mutex<[Request]>([])
    private let bound = Mutex(0)
    private let answer: @Sendable (Request) -> Reply

    /// What came, in the order of its end.
    var requests: [Request] { heard.withLock { $0 } }
    var port: Int { bound.withLock { $0 } }

    /// Runs `body` while a receiver answers with `answer`.
    static func with(
        tls: TLSConfiguration? = nil, answer: @escaping @Sendable (Request) -> Reply, _ body: (Receiver) async throws -> Void
    ) async throws {
        let receiver = Receiver(answer: answer)
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Responder(receiver))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        receiver.bound.withLock { $0 = channel.localAddress?.port ?? 0 }
        do {
            try await body(receiver)
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    private init(answer: @escaping @Sendable (Request) -> Reply) {
        self.answer = answer
    }

    private func reply(to request: Request) -> Reply {
        heard.withLock { $0.append(request) }
        return answer(request)
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let receiver: Receiver
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ receiver: Receiver) {
            self.receiver = receiver
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = ""
            case .body(let bytes): body += String(buffer: bytes)
            case .end:
                guard let head else { return }
                let request = Request(method: head.method.rawValue, path: head.uri, headers: head.headers, body: body)
                reply(receiver.reply(to: request), context: context)
            }
        }

        private func reply(_ reply: Reply, context: ChannelHandlerContext) {
            switch reply {
            case .status(let status, let headers): send(status, headers, body: 0, length: 0, context: context)
            case .flood(let count): send(200, [], body: count, length: count, context: context)
            case .half(let status): send(status, [], body: 1, length: 100, context: context)
            case .silence: break
            case .close: context.close(promise: nil)
            }
        }

        private func send(_ status: Int, _ headers: [(String, String)], body: Int, length: Int, context: ChannelHandlerContext) {
            let head = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders([("Content-Length", "\(length)")] + headers))
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let bytes = ByteBuffer(repeating: 0x20, count: body)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            if body == length { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        }
    }
}
