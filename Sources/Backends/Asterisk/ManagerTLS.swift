import NIOCore
import NIOSSL

/// TLS of the manager connection: 1.2 or later, the certificate always verified.
package struct ManagerTLS: Sendable {
    /// A PEM file of the authorities that may sign Asterisk's certificate; nil for the system's.
    package let authorities: String?
    /// The name that the certificate must have.
    package let serverName: String

    package init(authorities: String?, serverName: String) {
        self.authorities = authorities
        self.serverName = serverName
    }

    /// Reads the files; it blocks. They are read for each connection, so that renewed ones are used.
    /// - Throws: ``ManagerFailure/tls(_:)``.
    func context() throws(ManagerFailure) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.shutdownTimeout = .seconds(2)
        if let authorities {
            guard let certificates = try? NIOSSLCertificate.fromPEMFile(authorities), !certificates.isEmpty else {
                throw .tls("\(authorities) has no certificate in PEM of Asterisk's authority, or cannot be read")
            }
            configuration.trustRoots = .certificates(certificates)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .tls("the TLS library does not take the authorities' certificates")
        }
    }
}
