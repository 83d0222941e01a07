import Crypto
import FaxModel
import Vault

/// AWS Signature Version 4 (docs.aws.amazon.com, "Signature Version 4 signing process") for a POST without a query.
struct RequestSigner {
    let credentials: AWSCredentials
    let region: String
    let service: String

    /// The headers to send besides `Host`: those given, the date, the session token and the signature over all of them and the body.
    ///
    /// - Parameters:
    ///   - path: with unreserved characters and slashes only, so that it is its own canonical form.
    ///   - headers: lower-case names; values without spaces at their ends or two in a row.
    func headers(
        posting body: borrowing SecretBytes, to path: String, host: String, headers: [(name: String, value: String)], at now: Timestamp
    ) -> [(name: String, value: String)] {
        // 2026-11-22T08:30:00.000Z without punctuation and milliseconds.
        let moment = now.description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
        var sent = headers + [("x-amz-date", moment)]
        if let token = credentials.sessionToken { sent.append(("x-amz-security-token", token.value)) }
        let signed = (sent + [("host", host)]).sorted { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let hash = body.withBytes { hex(SHA256.hash(data: $0)) }
        let lines = ["POST", path, ""] + signed.map { "\($0.name):\($0.value)" } + ["", names, hash]

        let scope = "\(moment.prefix(8))/\(region)/\(service)/aws4_request"
        let toSign = "AWS4-HMAC-SHA256\n\(moment)\n\(scope)\n" + hex(SHA256.hash(data: Array(lines.joined(separator: "\n").utf8)))
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey.value)".utf8))
        for part in scope.split(separator: "/") { key = SymmetricKey(data: code(String(part), key)) }
        let value =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), Signature=\(hex(code(toSign, key)))"
        return sent + [("authorization", value)]
    }

    private func code(_ text: String, _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
