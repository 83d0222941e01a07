import NIOCore
import NIOSSL

/// What this side shows and what the other must prove on TLS (RFC 5922): TLS 1.2 or later, always with verification.
package struct SIPTLSConfiguration: Sendable, Hashable {
    /// PEM files of a certificate, with those that lead from it to an authority, and of its key without passphrase.
    package struct Identity: Sendable, Hashable {
        /// The file of the certificates, our own first.
        package let chain: String
        /// The file of the key.
        package let key: String

        /// Names the files.
        package init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }

    /// A PEM file of the authorities that may sign the peer's certificate; nil for the system's.
    package var authorities: String?
    /// Our certificate: for a listener, and for a peer that asks a caller for one.
    package var identity: Identity?
    /// The DNS name that the certificate of a peer we connect to must have, when it is not the host of the destination.
    /// A certificate for the very address that is connected to is good as well (NIOSSL's rule).
    package var serverName: String?
    /// Whether who connects to us must show a certificate of one of the authorities.
    package var requiresClientCertificate: Bool

    /// Builds a configuration.
    package init(
        authorities: String? = nil, identity: Identity? = nil, serverName: String? = nil, requiresClientCertificate: Bool = false
    ) {
        self.authorities = authorities
        self.identity = identity
        self.serverName = serverName
        self.requiresClientCertificate = requiresClientCertificate
    }
}

/// Why TLS cannot be offered. The text names the file and what to do.
package struct SIPTLSFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// For the operator.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The files of a ``SIPTLSConfiguration``, read and checked.
struct SIPTLSContexts: Sendable {
    let client: NIOSSLContext
    /// Nil without a listener.
    let server: NIOSSLContext?

    /// Reads the files; it blocks.
    init(_ configuration: SIPTLSConfiguration, isListening: Bool) throws(SIPTLSFailure) {
        let trust = try Self.trust(configuration)
        let identity = try Self.identity(configuration)
        var client = TLSConfiguration.makeClientConfiguration()
        client.minimumTLSVersion = .tlsv12
        client.certificateVerification = .fullVerification
        client.trustRoots = trust
        client.shutdownTimeout = .seconds(2)
        if let identity {
            client.certificateChain = identity.chain
            client.privateKey = identity.key
        }
        self.client = try Self.context(client)
        guard isListening else {
            server = nil
            return
        }
        guard let identity else {
            throw SIPTLSFailure("a TLS listener of SIP needs a certificate: set its certificate and key file, or listen without TLS")
        }
        var server = TLSConfiguration.makeServerConfiguration(certificateChain: identity.chain, privateKey: identity.key)
        server.minimumTLSVersion = .tlsv12
        server.trustRoots = trust
        server.shutdownTimeout = .seconds(2)
        // A caller's certificate is checked for its authority; it proves no host name of a connection that it made.
        server.certificateVerification = configuration.requiresClientCertificate ? .noHostnameVerification : .none
        self.server = try Self.context(server)
    }

    private static func trust(_ configuration: SIPTLSConfiguration) throws(SIPTLSFailure) -> NIOSSLTrustRoots {
        guard let file = configuration.authorities else { return .default }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
            throw SIPTLSFailure("\(file) has no certificate in PEM of an authority for SIP over TLS, or cannot be read")
        }
        return .certificates(certificates)
    }

    private static func identity(
        _ configuration: SIPTLSConfiguration
    ) throws(SIPTLSFailure) -> (chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource)? {
        guard let identity = configuration.identity else { return nil }
        guard let chain = try? NIOSSLCertificate.fromPEMFile(identity.chain), !chain.isEmpty else {
            throw SIPTLSFailure("\(identity.chain) has no certificate in PEM for SIP over TLS, or cannot be read")
        }
        guard let key = try? NIOSSLPrivateKey(file: identity.key, format: .pem) else {
            throw SIPTLSFailure("\(identity.key) has no key in PEM without passphrase, or cannot be read")
        }
        return (chain.map { .certificate($0) }, .privateKey(key))
    }

    private static func context(_ configuration: TLSConfiguration) throws(SIPTLSFailure) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SIPTLSFailure("the certificate for SIP over TLS cannot be used: do certificate and key belong together?")
        }
    }
}
