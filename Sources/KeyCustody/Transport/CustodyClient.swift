import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Vault

/// One POST to a custodian: TLS 1.2 or later, no redirect, an answer of 64 KiB at most, all within ten seconds.
///
/// The bodies in our hands are zeroed after use. What the HTTP and TLS libraries buffer on the way is freed, but not zeroed.
struct CustodyClient: Sendable {
    static let timeLimit = Duration.seconds(10)
    static let maximumAnswer = 64 * 1024

    struct Answer: ~Copyable {
        let status: UInt
        let body: SecretBytes
    }

    let custodian: String
    private let configuration: HTTPClient.Configuration
    private let limit: TimeAmount

    /// - Parameter authority: PEM certificates that alone are trusted, or nil for those of the system.
    /// - Throws: ``CustodyError/setting(_:)`` when they cannot be read. Blocks for a moment.
    init(custodian: String, authority: String?, limit: Duration) throws(CustodyError) {
        self.custodian = custodian
        let (seconds, attoseconds) = limit.components
        self.limit = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let authority {
            guard let certificates = try? NIOSSLCertificate.fromPEMFile(authority), !certificates.isEmpty else {
                throw .setting("FAXLOCK_CUSTODIAN_CA: \(authority) cannot be read as PEM certificates")
            }
            tls.trustRoots = .certificates(certificates)
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: self.limit, read: self.limit),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        // A person or a service manager waits for the start: a custodian that is not there is said at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        self.configuration = configuration
    }

    /// - Throws: ``CustodyError/unreachable(custodian:reason:)``, ``CustodyError/unexpectedAnswer(custodian:status:)`` for one too long.
    func post(
        _ body: borrowing SecretBytes, to url: String, headers: [(name: String, value: String)]
    ) async throws(CustodyError) -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(body.withBytes { ByteBuffer(bytes: $0) })
        let http = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
        var answer = SecretBytes(capacity: Self.maximumAnswer)
        var status: UInt = 0
        var failure: CustodyError?
        do {
            let response = try await http.execute(request, timeout: limit)
            status = response.status.code
            for try await chunk in response.body {
                guard chunk.withUnsafeReadableBytes({ answer.append(contentsOf: $0) }) else {
                    failure = .unexpectedAnswer(custodian: custodian, status: status)
                    break
                }
            }
        } catch {
            failure = .unreachable(custodian: custodian, reason: Self.reason(error))
        }
        try? await http.shutdown()
        if let failure { throw failure }
        return Answer(status: status, body: answer)
    }

    /// In our words: the library's may quote a header, and one of them is the token.
    private static func reason(_ error: any Error) -> String {
        let late: [HTTPClientError] = [.connectTimeout, .deadlineExceeded, .readTimeout]
        return switch error {
        case let error as HTTPClientError where late.contains(error): "no whole answer within the time limit"
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            "the TLS handshake failed: its certificate is not trusted, or does not name this host, or the port speaks no TLS"
        case let error as NIOConnectionError: "no connection to \(error.host) port \(error.port)"
        case let error as IOError: "the connection failed (errno \(error.errnoCode))"
        default: "the connection broke (\(type(of: error)))"
        }
    }
}
