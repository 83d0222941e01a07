import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// What stands for Elasticsearch here: the contract of `_bulk` on a data stream, with the fields of the index template.
final class BulkStandIn: Sendable {
    struct Rules: Sendable {
        var authorization: String?
        /// Longer requests are answered with 413.
        var requestLimit = 100 << 20
        /// A document of so many is put off with 429.
        var putsOffOneIn: Int?
        /// All requests are answered with this.
        var status: HTTPResponseStatus?
        /// Fields that documents may have.
        var fields: Set<String>
    }

    struct Document: Sendable {
        let id: String
        let json: Data
    }

    private struct State {
        var rules: Rules
        var random: UInt64 = 42
        var documents: [Document] = []
        var ids: Set<String> = []
        var requests = 0
        /// What a client did that no client may.
        var violations: [String] = []
    }

    private let state: Mutex<State>
    private let channel: any Channel
    let port: Int

    var documents: [Document] { state.withLock { $0.documents } }
    var requests: Int { state.withLock { $0.requests } }
    var violations: [String] { state.withLock { $0.violations } }

    func change(_ body: (inout Rules) -> Void) {
        state.withLock { body(&$0.rules) }
    }

    static func with(
        _ rules: Rules, certificate: (chain: String, key: String)? = nil, _ body: (BulkStandIn) async throws -> Void
    ) async throws {
        let server = try await BulkStandIn(rules, certificate: certificate)
        do {
            try await body(server)
        } catch {
            try await server.channel.close()
            throw error
        }
        try await server.channel.close()
    }

    private init(_ rules: Rules, certificate: (chain: String, key: String)?) async throws {
        state = Mutex(State(rules: rules))
        let answer = ServerReference()
        let tls = try certificate.map {
            let chain = try NIOSSLCertificate.fromPEMFile($0.chain).map { NIOSSLCertificateSource.certificate($0) }
            let key = try NIOSSLPrivateKey(file: $0.key, format: .pem)
            return try NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        }
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(BulkHandler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        answer.server.withLock { $0 = self }
    }

    /// The answer to a whole request.
    fileprivate func answer(_ head: HTTPRequestHead, _ body: ByteBuffer) -> (HTTPResponseStatus, String) {
        state.withLock { state in
            state.requests += 1
            if let status = state.rules.status {
                return (status, #"{"error":{"type":"some_exception","reason":"as told\u0007"},"status":\#(status.code)}"#)
            }
            if let wanted = state.rules.authorization, head.headers["authorization"] != [wanted] { return (.unauthorized, "{}") }
            guard body.readableBytes <= state.rules.requestLimit else { return (.payloadTooLarge, "") }
            guard head.method == .POST, head.uri.split(separator: "?").first == "/faxlock-audit/_bulk" else { return (.notFound, "{}") }
            guard head.headers["content-type"] == ["application/x-ndjson"] else {
                state.violations.append("content type")
                return (.notAcceptable, "{}")
            }
            guard body.readableBytesView.last == 0x0A else {
                state.violations.append("no line break at the end")
                return (.badRequest, "{}")
            }
            let lines = body.readableBytesView.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            guard !lines.isEmpty, lines.count.isMultiple(of: 2) else {
                state.violations.append("lines are no pairs")
                return (.badRequest, "{}")
            }
            var items: [String] = []
            var index = lines.startIndex
            while index < lines.endIndex {
                items.append(Self.take(Data(lines[index]), Data(lines[index + 1]), &state))
                index += 2
            }
            return (.ok, #"{"items":[\#(items.joined(separator: ","))]}"#)
        }
    }

    private static func take(_ action: Data, _ document: Data, _ state: inout State) -> String {
        func result(_ status: Int, _ type: String? = nil) -> String {
            let error = type.map { #","error":{"type":"\#($0)","reason":"of the stand-in"}"# } ?? ""
            return #"{"create":{"status":\#(status)\#(error)}}"#
        }
        let object = try? JSONSerialization.jsonObject(with: action) as? [String: [String: String]]
        guard let object, object.count == 1, let id = object["create"]?["_id"], !id.isEmpty, id.utf8.count <= 512 else {
            state.violations.append("only create with an id: \(String(decoding: action, as: UTF8.self))")
            return result(400, "illegal_argument_exception")
        }
        if let rate = state.rules.putsOffOneIn {
            state.random = state.random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if Int(state.random >> 33) % rate == 0 { return result(429, "es_rejected_execution_exception") }
        }
        guard let members = try? JSONSerialization.jsonObject(with: document) as? [String: Any],
            let time = members["@timestamp"] as? String, time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil
        else { return result(400, "document_parsing_exception") }
        guard state.rules.fields.isSuperset(of: members.keys) else { return result(400, "strict_dynamic_mapping_exception") }
        guard state.ids.insert(id).inserted else { return result(409, "version_conflict_engine_exception") }
        state.documents.append(Document(id: id, json: document))
        return result(201)
    }
}

/// The server of a handler; the handlers' channels are there before it is.
private final class ServerReference: Sendable {
    let server = Mutex<BulkStandIn?>(nil)
}

private final class BulkHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: ServerReference
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(_ answer: ServerReference) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head, let server = answer.server.withLock({ $0 }) else { return context.close(promise: nil) }
            let (status, text) = server.answer(head, body)
            let headers = HTTPHeaders([("content-type", "application/json"), ("content-length", "\(text.utf8.count)")])
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
