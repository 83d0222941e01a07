import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An HTTP server on a free port of 127.0.0.1 whose answers a test decides.
struct HTTPStandIn {
    struct Request: Sendable {
        let method: String
        let path: String
        let headers: HTTPHeaders
        let body: [UInt8]
    }

    enum Reply: Sendable {
        case whole(Int, String)
        case redirect(String)
        /// Nothing at all.
        case silence
        /// A head, then a byte every 20 ms for ever.
        case drip
        /// A body of that many bytes.
        case flood(Int)
        /// The connection is closed without an answer.
        case close
    }

    let port: Int

    /// Runs `body` while a server answers with `answer`.
    static func with(
        tls: TLSConfiguration? = nil, answer: @escaping @Sendable (Request) -> Reply, _ body: (HTTPStandIn) async throws -> Void
    ) async throws {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Responder(answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(HTTPStandIn(port: channel.localAddress?.port ?? 0))
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable (Request) -> Reply
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(answer: @escaping @Sendable (Request) -> Reply) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body(let bytes): body.append(contentsOf: bytes.readableBytesView)
            case .end:
                guard let head else { return }
                let request = Request(method: head.method.rawValue, path: head.uri, headers: head.headers, body: body)
                reply(answer(request), context: context)
            }
        }

        private func reply(_ reply: Reply, context: ChannelHandlerContext) {
            switch reply {
            case .whole(let status, let text): send(status, Array(text.utf8), context: context)
            case .redirect(let target): send(307, [], more: [("Location", target)], context: context)
            case .flood(let count): send(200, [UInt8](repeating: 0x20, count: count), context: context)
            case .silence: break
            case .close: context.close(promise: nil)
            case .drip:
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Transfer-Encoding": "chunked"])
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
                let channel = context.channel
                channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(20)) { task in
                    guard channel.isActive else { return task.cancel() }
                    channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: " "))), promise: nil)
                }
            }
        }

        private func send(_ status: Int, _ body: [UInt8], more: [(String, String)] = [], context: ChannelHandlerContext) {
            let headers = HTTPHeaders([("Content-Length", "\(body.count)"), ("Content-Type", "application/json")] + more)
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
