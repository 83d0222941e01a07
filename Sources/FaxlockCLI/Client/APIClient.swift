import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Talks to a server on behalf of the command line.
struct APIClient {
    /// The server's address, without a slash at its end.
    let base: String
    private let key: String
    private let http: HTTPClient

    private init(base: String, key: String, http: HTTPClient) {
        self.base = base
        self.key = key
        self.http = http
    }

    /// Variables of the client alone: the server, which takes names that begin with `FAXLOCK_` for settings, does not see them.
    static let variables = [
        "FAXLOCK_URL", "FAXLOCK_API_KEY", "FAXLOCK_CA", "FAXLOCK_CLIENT_CERTIFICATE", "FAXLOCK_CLIENT_KEY",
    ]

    /// Runs `body` with a client for the server that `FAXLOCK_URL` names (http://127.0.0.1:8080) and the key in `FAXLOCK_API_KEY`.
    static func use<Result>(_ body: (APIClient) async throws -> Result) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        // A person waits: a server that is not there is said at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tlsConfiguration = try tls()
        let http = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
        let url = variable("FAXLOCK_URL") ?? "http://127.0.0.1:8080"
        let client = APIClient(
            base: url.hasSuffix("/") ? String(url.dropLast()) : url, key: variable("FAXLOCK_API_KEY") ?? "", http: http)
        do {
            let result = try await body(client)
            try await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// `FAXLOCK_CA` names a PEM file of authorities for the server's certificate, else the system's; `FAXLOCK_CLIENT_CERTIFICATE` and
    /// `FAXLOCK_CLIENT_KEY` what is shown to a server that asks for a certificate.
    static func tls() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let path = variable("FAXLOCK_CA") {
            guard let roots = try? NIOSSLCertificate.fromPEMFile(path), !roots.isEmpty else {
                throw CommandFailure(.configuration, "FAXLOCK_CA=\(path) cannot be read or holds no certificate in PEM form.")
            }
            configuration.trustRoots = .certificates(roots)
        }
        let own = (variable("FAXLOCK_CLIENT_CERTIFICATE"), variable("FAXLOCK_CLIENT_KEY"))
        if own != (nil, nil) {
            guard let certificate = own.0, let key = own.1, let chain = try? NIOSSLCertificate.fromPEMFile(certificate), !chain.isEmpty,
                let privateKey = try? NIOSSLPrivateKey(file: key, format: .pem)
            else {
                throw CommandFailure(
                    .configuration, "FAXLOCK_CLIENT_CERTIFICATE and FAXLOCK_CLIENT_KEY must both name a PEM file that can be read.")
            }
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(privateKey)
        }
        return configuration
    }

    /// The bytes of a successful answer.
    /// - Parameter reason: why a document is opened, as an access reason in words.
    /// - Throws: ``CommandFailure`` with the server's own sentence.
    func call(
        _ method: HTTPMethodName, _ path: String, body: HTTPClientRequest.Body? = nil, contentType: String = "application/json",
        reason: String? = nil, headers: [(String, String)] = []
    ) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : base + path)
        request.method = .RAW(value: method.rawValue)
        if !key.isEmpty { request.headers.add(name: "X-API-Key", value: key) }
        if let reason { request.headers.add(name: "X-Access-Reason", value: reason) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: contentType)
            request.body = body
        }
        let response: HTTPClientResponse
        let bytes: [UInt8]
        do {
            response = try await http.execute(request, timeout: .minutes(10))
            bytes = Array(try await response.body.collect(upTo: 1 << 30).readableBytesView)
        } catch {
            throw CommandFailure(.server, "The server at \(base) cannot be reached (\(error)). Is it running? FAXLOCK_URL names it.")
        }
        guard (200..<300).contains(response.status.code) else {
            let detail = (try? JSONDecoder().decode(Detail.self, from: Data(bytes)))?.detail ?? response.status.reasonPhrase
            let hint = response.status == .unauthorized ? " Set FAXLOCK_API_KEY." : ""
            throw CommandFailure(
                response.status.code >= 500 ? .server : .refused, "\(detail)\(hint) (HTTP \(response.status.code))")
        }
        return bytes
    }

    /// Reads the event stream at `path` until it ends or `body` says false.
    /// - Parameters:
    ///   - last: id of the last event that is known; empty for all.
    ///   - body: gets one event after the other.
    /// - Returns: whether there is such a stream at all.
    /// - Throws: where the connection breaks, or what `body` throws.
    func events(_ path: String, after last: String, _ body: (ServerEvent) async throws -> Bool) async throws -> Bool {
        var request = HTTPClientRequest(url: base + path)
        if !key.isEmpty { request.headers.add(name: "X-API-Key", value: key) }
        request.headers.add(name: "Accept", value: "text/event-stream")
        if !last.isEmpty { request.headers.add(name: "Last-Event-ID", value: last) }
        let response = try await http.execute(request, timeout: .hours(24 * 7))
        guard response.status == .ok, response.headers.first(name: "Content-Type")?.hasPrefix("text/event-stream") == true else {
            return false
        }
        var parser = EventParser()
        for try await buffer in response.body {
            for event in try parser.read(buffer.readableBytesView) where !(try await body(event)) { return true }
        }
        return true
    }

    /// The answer to a request, whatever its status; at most 64 MiB.
    /// - Parameter key: shown instead of the client's own; empty for none.
    /// - Throws: where there is no answer.
    func probe(
        _ method: HTTPMethodName, _ path: String, key: String? = nil, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> (status: Int, headers: HTTPHeaders, body: [UInt8]) {
        var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : base + path)
        request.method = .RAW(value: method.rawValue)
        let key = key ?? self.key
        if !key.isEmpty { request.headers.add(name: "X-API-Key", value: key) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await http.execute(request, timeout: .seconds(60))
        let bytes = Array(try await response.body.collect(upTo: 64 << 20).readableBytesView)
        return (Int(response.status.code), response.headers, bytes)
    }

    func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw CommandFailure(.server, "The server's answer was not understood: is \(base) a Faxlock server?")
        }
    }

    enum HTTPMethodName: String {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    private struct Detail: Decodable { let detail: String }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
