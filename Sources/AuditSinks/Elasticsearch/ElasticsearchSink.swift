import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends records to a data stream of Elasticsearch by its bulk API, with `create` only: nothing that is there is ever replaced.
///
/// Delivered means that Elasticsearch said so for each document; with `index.translog.durability: request` it is on the disks of primary
/// and replicas then. A document that is there already (409) is delivered. After the stream rolled over to a new backing index, a repeat is
/// stored a second time; readers drop it by `seq`.
package actor ElasticsearchSink: AuditSink {
    /// Fields of the documents, for the index template, which is strict.
    package static let fields = [
        "@timestamp", "v", "seq", "ts", "actor", "action", "object", "reason", "outcome", "request_id", "details", "leaf", "checkpoint",
    ]

    package nonisolated let name = "elasticsearch"
    private let server: ElasticsearchServer
    private let origin: String
    private let client: HTTPClient
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Bytes of a request, unless one document is longer.
    private static let requestSize = 5 << 20
    private static let replyLimit = 8 << 20
    private static let timeLimit = TimeAmount.seconds(30)
    /// Requests for what is left when Elasticsearch took some documents and has no time for others.
    private static let rounds = 5

    /// - Parameters:
    ///   - origin: the ledger's name.
    ///   - sleep: waits between requests; for tests.
    /// - Throws: ``AuditSinkError`` when the file of authorities cannot be used. It is read here, which blocks.
    package init(
        _ server: ElasticsearchServer, origin: String,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) throws {
        self.server = server
        self.origin = origin
        self.sleep = sleep
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let authorities = server.authorities {
            guard let certificates = try? NIOSSLCertificate.fromPEMFile(authorities), !certificates.isEmpty else {
                throw AuditSinkError("\(authorities) has no certificate in PEM of Elasticsearch's authority, or cannot be read")
            }
            tls.trustRoots = .certificates(certificates)
        }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        // The pump tries again, and the status says why meanwhile.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }

    package func deliver(_ records: [AuditRecord]) async throws {
        var request: [BulkDocument] = []
        var size = 0
        for record in records {
            let document = BulkDocument(record, origin: origin)
            if !request.isEmpty, size + document.lines.count > Self.requestSize {
                try await send(request[...])
                request = []
                size = 0
            }
            request.append(document)
            size += document.lines.count
        }
        if !request.isEmpty { try await send(request[...]) }
    }

    package func close() async {
        // It fails only when it was called before.
        try? await client.shutdown()
    }

    /// Sends documents until each was taken.
    private func send(_ documents: ArraySlice<BulkDocument>) async throws {
        var left = documents
        for round in 0..<Self.rounds {
            if round > 0 { try await sleep(.milliseconds(125 << round)) }
            guard let fates = try await request(left) else {
                // The request is longer than the server, or a proxy before it, takes.
                guard left.count > 1 else {
                    throw AuditSinkError(
                        "\(server.place) refused \(left.first?.name ?? "") as too long (413); raise http.max_content_length there")
                }
                let middle = left.startIndex + left.count / 2
                try await send(left[..<middle])
                return try await send(left[middle...])
            }
            guard fates.count == left.count else {
                throw AuditSinkError("\(server.place) answered for \(fates.count) of \(left.count) events; is it Elasticsearch?")
            }
            var waiting: [BulkDocument] = []
            for (document, fate) in zip(left, fates) {
                switch fate {
                case .delivered: continue
                case .later: waiting.append(document)
                case .refused(let reason):
                    throw AuditSinkError(
                        "\(server.place) refused \(document.name): \(reason). Has the stream this version's index template?")
                }
            }
            if waiting.isEmpty { return }
            // Nothing was taken: more requests would only add to its load.
            if waiting.count == left.count, round > 0 { break }
            left = waiting[...]
        }
        throw AuditSinkError("\(server.place) is overloaded: it put off \(left.count) events (429 or 5xx)")
    }

    /// One request. Nil when it was too long.
    private func request(_ documents: ArraySlice<BulkDocument>) async throws -> [BulkReply.Fate]? {
        var request = HTTPClientRequest(url: server.bulkURL + "?filter_path=items.*.status,items.*.error.type,items.*.error.reason")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-ndjson")
        request.headers.add(name: "Accept", value: "application/json")
        if let authorization = server.authorization { request.headers.add(name: "Authorization", value: authorization) }
        var body = ByteBuffer()
        body.reserveCapacity(documents.reduce(0) { $0 + $1.lines.count })
        for document in documents { body.writeBytes(document.lines) }
        request.body = .bytes(body)
        let status: HTTPResponseStatus
        let reply: ByteBuffer
        do {
            let response = try await client.execute(request, timeout: Self.timeLimit)
            status = response.status
            reply = try await response.body.collect(upTo: Self.replyLimit)
        } catch {
            throw AuditSinkError(connectionTo: server.place, error)
        }
        switch status.code {
        case 200:
            guard let decoded = try? JSONDecoder().decode(BulkReply.self, from: Data(reply.readableBytesView)) else {
                throw AuditSinkError("\(server.place) answered what is no bulk reply; is it Elasticsearch?")
            }
            return decoded.fates
        case 413: return nil
        case 401, 403:
            throw AuditSinkError(
                "\(server.place) refused the credentials (\(status.code)); the key needs the right create_doc on the data stream")
        default:
            let cause = (try? JSONDecoder().decode(BulkFailure.self, from: Data(reply.readableBytesView)))?.error?.text
            throw AuditSinkError("\(server.place) answered \(status.code) \(cause ?? "")")
        }
    }
}
