import FoundationEssentials

/// Where the audit data stream is, and how this client signs in.
package struct ElasticsearchServer: Sendable {
    /// How requests are authorised. Give the key only what it needs: `create_doc` on the data stream, so that it can change nothing.
    package enum Credentials: Sendable {
        case none
        /// As Elasticsearch prints it under `encoded`: base64 of `id:key`.
        case apiKey(String)
        case basic(user: String, password: String)
    }

    /// The data stream that `deploy/elasticsearch` makes.
    package static let standardStream = "faxlock-audit"

    let bulkURL: String
    /// For sentences: scheme, host and port.
    let place: String
    let authorization: String?
    let authorities: String?

    /// - Parameters:
    ///   - url: `https://host:9200`, perhaps with a path; `http` only to a loopback address.
    ///   - stream: the data stream.
    ///   - authorities: a PEM file of the authorities that may sign the server's certificate; nil for the system's.
    /// - Throws: ``AuditSinkError`` that says what is wrong, without the credentials.
    package init(url text: String, stream: String = standardStream, credentials: Credentials = .none, authorities: String? = nil) throws {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host(percentEncoded: false), !host.isEmpty,
            url.query == nil, url.fragment == nil
        else { throw AuditSinkError("the address of Elasticsearch is no URL like https://logs.example.org:9200") }
        guard url.user == nil, url.password == nil else {
            throw AuditSinkError("the address of Elasticsearch has a user in it; give user and password by their own settings")
        }
        guard scheme == "https" || scheme == "http" && Self.isLoopback(host) else {
            throw AuditSinkError("audit events go to Elasticsearch at \(host) by https only; http is for loopback addresses")
        }
        guard Self.isValid(stream: stream) else {
            throw AuditSinkError("'\(stream)' is no name of a data stream: use lower case letters, digits, dots and hyphens")
        }
        let base = text.hasSuffix("/") ? String(text.dropLast()) : text
        bulkURL = "\(base)/\(stream)/_bulk"
        place = "\(scheme)://\(host.contains(":") ? "[\(host)]" : host)\(url.port.map { ":\($0)" } ?? "")"
        self.authorities = authorities
        switch credentials {
        case .none: authorization = nil
        case .apiKey(let key):
            guard !key.isEmpty, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw AuditSinkError("the API key of Elasticsearch is empty or has characters that no key has")
            }
            authorization = "ApiKey \(key)"
        case .basic(let user, let password):
            guard !user.isEmpty, !user.contains(":") else { throw AuditSinkError("the user of Elasticsearch is empty or has a colon") }
            authorization = "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && AddressFamily(of: host) == .ipv4
    }

    /// A part of the rules for index names, which also makes it safe in a path.
    private static func isValid(stream: String) -> Bool {
        let first = stream.utf8.first.map { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ".") } ?? false
        return first && stream.utf8.count <= 200
            && stream.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains($0)
            }
    }
}
