/// One entry of the Via header: how a response finds its way back (RFC 3261 18.2.2, 20.42; RFC 3581).
package struct Via: Sendable, Hashable {
    /// The start of every branch made by RFC 3261 rules (8.1.1.7).
    package static let magicCookie = "z9hG4bK"

    /// `UDP`, `TCP`, `TLS` ...
    package var transport: String
    /// The host of `sent-by`.
    package var host: String
    /// The port of `sent-by`, or nil for the default of the transport.
    package var port: Int?
    /// `branch`, `received`, `rport` ...
    package var parameters = SIPParameters()

    /// Builds the entry of a request of ours, with `rport` (RFC 3581 3).
    package init(transport: String, host: String, port: Int?, branch: String) {
        self.transport = transport
        self.host = host
        self.port = port
        parameters["rport"] = ""
        parameters["branch"] = branch
    }

    /// The transaction's branch.
    package var branch: String? { parameters["branch"].flatMap { $0.isEmpty ? nil : $0 } }

    /// `sent-by` for comparison: host in lower case and port.
    package var sentBy: String {
        String(decoding: host.utf8.map(\.lowercasedASCII), as: UTF8.self) + ":\(port ?? 5060)"
    }

    /// The text on the wire.
    package var text: String { "SIP/2.0/\(transport) \(host)" + (port.map { ":\($0)" } ?? "") + parameters.text }

    /// Reads one entry.
    /// - Throws: `malformed("Via")`.
    package init(parsing value: String) throws(SIPParseFailure) {
        var scanner = ByteScanner(value)
        var parts: [String] = []
        for index in 0..<3 {
            scanner.skipWhitespace()
            parts.append(scanner.take(while: \.isToken))
            scanner.skipWhitespace()
            guard index == 2 || scanner.consume("/") else { throw .malformed("Via") }
        }
        guard parts[0].equalsIgnoringCase("SIP"), parts[1] == "2.0", !parts[2].isEmpty else { throw .malformed("Via") }
        transport = parts[2]
        (host, port) = try SIPURI.hostAndPort(&scanner)
        parameters = try SIPParameters(&scanner, isValueByte: SIPParameters.isValueByte)
        guard scanner.isAtEnd else { throw .malformed("Via") }
    }
}
