import NIOCore
import NIOPosix
import NIOSSL

extension AuditSinkError {
    /// A sentence about a failed connection. Texts of libraries are not repeated: they name source files, and may hold what was sent.
    init(connectionTo peer: String, _ error: any Error) {
        if let own = error as? AuditSinkError {
            self = own
            return
        }
        self.init("\(peer): \(Self.cause(of: error))")
    }

    private static func cause(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty { return "its name was not found (DNS)" }
            return error.connectionErrors.first.map { cause(of: $0.error) } ?? "no connection"
        case let error as IOError: return "the connection failed with errno \(error.errnoCode)"
        case is NIOSSLExtraError: return "its certificate is for another name; check the address, or set the name that the certificate has"
        case let error as NIOSSLError:
            // The list of reasons is open; its names are BoringSSL's.
            let text = String(describing: error)
            if text.contains("CERTIFICATE_VERIFY_FAILED") {
                return "its certificate is not of a trusted authority, not in force, or for another address; check the file of authorities"
            }
            if text.contains("CERTIFICATE_REQUIRED") || text.contains("BAD_CERTIFICATE") || text.contains("UNKNOWN_CA") {
                return "it refused this client's certificate, or wants one"
            }
            if text.contains("WRONG_VERSION_NUMBER") { return "it does not speak TLS" }
            if case .uncleanShutdown = error { return "the connection was cut" }
            return "the TLS handshake failed"
        case let error as ChannelError:
            if case .connectTimeout = error { return "no answer in time" }
            return "the connection ended"
        default: return "the connection failed (\(type(of: error)))"
        }
    }
}
