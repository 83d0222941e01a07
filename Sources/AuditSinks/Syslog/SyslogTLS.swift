import NIOCore
import NIOSSL

/// What the syslog server must prove and what this client shows (RFC 5425 4.2, 5.3): TLS 1.2 or later, always with verification.
package struct SyslogTLS: Sendable, Hashable {
    /// PEM files of a client's certificate, with those that lead from it to an authority, and of its key.
    package struct ClientCertificate: Sendable, Hashable {
        package let chain: String
        package let key: String

        package init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }

    /// A PEM file of the authorities that may sign the server's certificate; nil for the system's.
    package let authorities: String?
    /// The DNS name that the certificate must have, when it is not the host of the address. A certificate for the very IP address that is
    /// connected to is good as well (NIOSSL's rule), so the authority should sign no addresses of others.
    package let serverName: String?
    /// What this client shows to a server that asks for a certificate.
    package let client: ClientCertificate?

    package init(authorities: String? = nil, serverName: String? = nil, client: ClientCertificate? = nil) {
        self.authorities = authorities
        self.serverName = serverName
        self.client = client
    }

    /// Reads the files; it blocks. They are read for each connection, so that renewed ones are used.
    /// - Throws: ``AuditSinkError``.
    func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.shutdownTimeout = .seconds(2)
        if let authorities {
            guard let certificates = try? NIOSSLCertificate.fromPEMFile(authorities), !certificates.isEmpty else {
                throw AuditSinkError("\(authorities) has no certificate in PEM of the syslog server's authority, or cannot be read")
            }
            configuration.trustRoots = .certificates(certificates)
        }
        if let client {
            guard let chain = try? NIOSSLCertificate.fromPEMFile(client.chain), !chain.isEmpty else {
                throw AuditSinkError("\(client.chain) has no certificate in PEM for the syslog server, or cannot be read")
            }
            guard let key = try? NIOSSLPrivateKey(file: client.key, format: .pem) else {
                throw AuditSinkError("\(client.key) has no key in PEM without passphrase, or cannot be read")
            }
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(key)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw AuditSinkError("the certificates for the syslog server cannot be used: do the certificate and the key belong together?")
        }
    }
}
