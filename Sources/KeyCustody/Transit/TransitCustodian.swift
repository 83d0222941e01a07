package import Vault

/// The Transit secrets engine of HashiCorp Vault, and of OpenBao, which has the same HTTP API.
///
/// The tenant is bound as associated data (keys of the AEAD types) and as the context of keys with derivation. Rotation of the key at Vault
/// needs nothing here: ciphertexts name their version, and old versions decrypt until Vault's `min_decryption_version` forbids it.
package struct TransitCustodian: KeyCustodian {
    /// The word in key files and settings.
    package static let word = "transit"

    package let name = Self.word
    package let key: String
    private let address: CustodyAddress
    private let mount: String
    private let namespace: String?
    private let token: HiddenText
    private let client: CustodyClient

    /// Blocks for a moment to read `authority`.
    ///
    /// - Parameters:
    ///   - address: Vault's address, FAXLOCK_TRANSIT_URL.
    ///   - key: the name of the key, FAXLOCK_TRANSIT_KEY.
    ///   - token: FAXLOCK_TRANSIT_TOKEN, with the capability `update` on `<mount>/encrypt/<key>` and `<mount>/decrypt/<key>`.
    ///   - mount: where the engine is mounted, FAXLOCK_TRANSIT_MOUNT.
    ///   - namespace: of Vault Enterprise and OpenBao, FAXLOCK_TRANSIT_NAMESPACE.
    ///   - authority: a file of PEM certificates that alone are trusted, FAXLOCK_CUSTODIAN_CA.
    ///   - timeLimit: for one request from connecting to the last byte.
    /// - Throws: ``CustodyError/setting(_:)``.
    package init(
        address: CustodyAddress, key: String, token: String, mount: String = "transit", namespace: String? = nil, authority: String? = nil,
        timeLimit: Duration = .seconds(10)
    ) throws(CustodyError) {
        guard Self.isName(key) else {
            throw .setting("FAXLOCK_TRANSIT_KEY must be 1 to 128 letters, digits, '_', '-' or '.', with a letter or digit at both ends")
        }
        guard Self.isPath(mount) else { throw .setting("FAXLOCK_TRANSIT_MOUNT must be a path as transit or teams/fax/transit") }
        if let namespace, !Self.isPath(namespace) { throw .setting("FAXLOCK_TRANSIT_NAMESPACE must be a path as teams/fax") }
        self.address = address
        self.key = key
        self.mount = mount
        self.namespace = namespace
        self.token = try HiddenText(token, setting: "FAXLOCK_TRANSIT_TOKEN")
        client = try CustodyClient(custodian: Self.word, authority: authority, limit: timeLimit)
    }

    package func wrap(_ secret: borrowing SecretBytes, context: CustodyContext) async throws(CustodyError) -> [UInt8] {
        let plaintext = secret.withBytes { Base64.encode($0) }
        let answer = try await ask("encrypt", key: key, member: "plaintext", plaintext, context: context)
        guard let ciphertext = JSONText.text(at: "data", "ciphertext", in: answer.body)?.withBytes({ Array($0) }),
            Self.isCiphertext(ciphertext)
        else { throw .unexpectedAnswer(custodian: name, status: answer.status) }
        return ciphertext
    }

    package func unwrap(
        _ ciphertext: [UInt8], key: String, context: CustodyContext
    ) async throws(CustodyError) -> SecretBytes {
        // Both go into a request as they are; what our own wrap wrote always passes.
        guard Self.isCiphertext(ciphertext), Self.isName(key) else { throw .notAuthentic(name) }
        let answer = try await ask("decrypt", key: key, member: "ciphertext", SecretBytes(ciphertext), context: context)
        guard let text = JSONText.text(at: "data", "plaintext", in: answer.body),
            let plaintext = text.withBytes({ Base64.decode($0) })
        else { throw .unexpectedAnswer(custodian: name, status: answer.status) }
        return plaintext
    }

    /// Sends `{member: value, context, associated_data}` and gives an answer of status 200.
    private func ask(
        _ operation: String, key: String, member: String, _ value: borrowing SecretBytes, context: CustodyContext
    ) async throws(CustodyError) -> CustodyClient.Answer {
        let bound = Base64.text(context.text.utf8)
        var body = SecretBytes(capacity: value.count + 2 * bound.utf8.count + 128)
        body.append(contentsOf: "{\"\(member)\":\"".utf8)
        value.withBytes { _ = body.append(contentsOf: $0) }
        body.append(contentsOf: "\",\"context\":\"\(bound)\",\"associated_data\":\"\(bound)\"}".utf8)
        // X-Vault-Request keeps a Vault Agent or proxy in between from treating this as forged by a browser.
        var headers = [("Content-Type", "application/json"), ("X-Vault-Token", token.value), ("X-Vault-Request", "true")]
        if let namespace { headers.append(("X-Vault-Namespace", namespace)) }
        let answer = try await client.post(body, to: address.url("/v1/\(mount)/\(operation)/\(key)"), headers: headers)
        if answer.status == 200 { return answer }
        throw failure(answer, key: key, isDecryption: operation == "decrypt")
    }

    private func failure(_ answer: borrowing CustodyClient.Answer, key: String, isDecryption: Bool) -> CustodyError {
        switch answer.status {
        case 403: return .refused(custodian: name)
        case 404: return .unknownKey(custodian: name, key: "\(mount)/\(key)")
        case 429, 472, 473, 502, 503: return .unavailable(custodian: name)
        case 400:
            let text = answer.body.withBytes { String(decoding: $0, as: UTF8.self) }
            if text.contains("key not found") || text.contains("policy not found") {
                return .unknownKey(custodian: name, key: "\(mount)/\(key)")
            }
            // What else a decryption can be refused for: authentication, a version that is gone, a prefix that is none.
            return isDecryption ? .notAuthentic(name) : .unusableKey(custodian: name, key: "\(mount)/\(key)")
        default: return .unexpectedAnswer(custodian: name, status: answer.status)
        }
    }

    /// Vault's own rule for names in paths.
    private static func isName(_ text: String) -> Bool {
        guard (1...128).contains(text.utf8.count) else { return false }
        let isWord = { (byte: UInt8) in isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
        guard let first = text.utf8.first, let last = text.utf8.last, isWord(first), isWord(last) else { return false }
        return text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private static func isPath(_ text: String) -> Bool {
        text.utf8.count <= 256 && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isName(String($0)) }
    }

    /// `vault:v1:` and base64, or another prefix where a proxy changes it: no character that JSON would escape.
    private static func isCiphertext(_ bytes: [UInt8]) -> Bool {
        (1...WrappedKeyFile.maximumCiphertext).contains(bytes.count)
            && bytes.allSatisfy { isAlphanumeric($0) || ":+/=_-.".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }
}
