import Gateway
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCertificateReloading
import NIOPosix
import NIOSSL
import ServerSettings
import ServiceLifecycle
import Synchronization

/// TLS of the server itself (45 CFR 164.312(e)(1), (2)(ii)): 1.2 or later, forward secrecy and authenticated encryption only, no plaintext
/// beside it. As a service it reads certificate and key again when they change; connections that stand are not disturbed.
struct TLSTransport: Service {
    /// How often the files are looked at.
    private static let interval = Duration.seconds(10)

    private let reloader: TimedCertificateReloader
    private let configuration: TLSConfiguration

    /// Nil when no certificate is set.
    /// - Throws: ``Server/Refusal`` when files are missing, no certificates or keys, or do not belong together.
    init?(_ settings: Settings, logger: Logger) throws {
        guard settings.tlsCertificate != nil || settings.tlsKey != nil || settings.tlsClientAuthority != nil else { return nil }
        guard let certificate = settings.tlsCertificate, let key = settings.tlsKey else {
            throw Server.Refusal(message: "TLS takes FAXLOCK_TLS_CERTIFICATE and FAXLOCK_TLS_KEY, both.")
        }
        reloader = try Self.reloader(certificate: certificate, key: key, logger: logger)
        var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: reloader)
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ]
        configuration.applicationProtocols = ["http/1.1"]
        if let authority = settings.tlsClientAuthority {
            guard let roots = try? NIOSSLCertificate.fromPEMFile(authority), !roots.isEmpty else {
                throw Server.Refusal(
                    message: "FAXLOCK_TLS_CLIENT_CA=\(authority) cannot be read or holds no certificate in PEM form.")
            }
            configuration.trustRoots = .certificates(roots)
            // A client's certificate names no host that could be compared; without a certificate there is no connection.
            configuration.certificateVerification = .noHostnameVerification
        }
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Server.Refusal(message: Self.message(certificate, key, "the TLS library does not take them"))
        }
        self.configuration = configuration
    }

    /// The server's HTTP over this TLS.
    func builder(_ base: HTTPServerBuilder) throws -> HTTPServerBuilder {
        try .tls(base, tlsConfiguration: configuration)
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown { [reloader] in
            while true {
                try await Task.sleep(for: Self.interval)
                // A failure has been logged, and the old certificate stays.
                try? await NIOThreadPool.singleton.runIfActive { try reloader.reload() }
            }
        }
    }

    private static func reloader(certificate: String, key: String, logger: Logger) throws -> TimedCertificateReloader {
        let last = LastFailure()
        let configuration = TimedCertificateReloader.Configuration(
            refreshInterval: interval, certificateSource: .init(location: .file(path: certificate), format: .pem),
            privateKeySource: .init(location: .file(path: key), format: .pem)
        ) {
            $0.onCertificateLoaded = { change in
                last.clear()
                guard let previous = change.previousCertificateChain, previous != change.currentCertificateChain else { return }
                logger.notice("the TLS certificate was read again", metadata: ["file": "\(certificate)"])
            }
            $0.onCertificateLoadFailed = { failure in
                let reason = reason(failure.error)
                guard last.isNew(reason) else { return }
                logger.error("the TLS certificate could not be read again; the old one stays", metadata: ["error": "\(reason)"])
            }
        }
        let reloader = TimedCertificateReloader(configuration: configuration)
        do {
            // What fails here is the start, not a reload: it is said once, as the reason why the server does not start.
            last.isQuiet = true
            try reloader.reload()
            last.isQuiet = false
        } catch {
            throw Server.Refusal(message: message(certificate, key, reason(error)))
        }
        return reloader
    }

    private static func message(_ certificate: String, _ key: String, _ reason: String) -> String {
        "TLS cannot be set up with FAXLOCK_TLS_CERTIFICATE=\(certificate) and FAXLOCK_TLS_KEY=\(key): \(reason)."
    }

    /// Errors of parsers may quote what they read, which may be a key.
    private static func reason(_ error: any Error) -> String {
        guard let error = error as? TimedCertificateReloader.Error else {
            return "the one must hold a certificate chain and the other its private key without a passphrase, both in PEM form"
        }
        if error == .publicKeyMismatch { return "the key is not that of the first certificate" }
        return error.description
    }
}

/// The last failure to read the certificate: one that lasts is said once.
private final class LastFailure: Sendable {
    private struct State {
        var text = ""
        var isQuiet = false
    }

    private let state = Mutex(State())

    var isQuiet: Bool {
        get { state.withLock { $0.isQuiet } }
        set { state.withLock { $0.isQuiet = newValue } }
    }

    func clear() { state.withLock { $0.text = "" } }

    func isNew(_ text: String) -> Bool {
        state.withLock { state in
            defer { state.text = text }
            return !state.isQuiet && state.text != text
        }
    }
}
