package import FaxModel
package import Vault

/// AWS Key Management Service, API version 2014-11-01: `Encrypt` and `Decrypt` with an encryption context.
package struct KMSCustodian: KeyCustodian {
    /// The word in key files and settings.
    package static let word = "aws-kms"

    package let name = Self.word
    package let key: String
    private let address: CustodyAddress
    private let signer: RequestSigner
    private let clock: @Sendable () -> Timestamp
    private let client: CustodyClient

    /// Blocks for a moment to read `authority`.
    ///
    /// - Parameters:
    ///   - key: id, ARN, `alias/...` or an alias's ARN of a symmetric key, FAXLOCK_KMS_KEY_ID.
    ///   - region: as `us-east-1`, FAXLOCK_KMS_REGION.
    ///   - credentials: with the rights `kms:Encrypt` and `kms:Decrypt` on that key.
    ///   - endpoint: another address than the region's public one (a VPC endpoint, FIPS), FAXLOCK_KMS_ENDPOINT.
    ///   - authority: a file of PEM certificates that alone are trusted, FAXLOCK_CUSTODIAN_CA.
    ///   - timeLimit: for one request from connecting to the last byte.
    ///   - clock: AWS refuses requests from a clock that is five minutes off.
    /// - Throws: ``CustodyError/setting(_:)``.
    package init(
        key: String, region: String, credentials: AWSCredentials, endpoint: CustodyAddress? = nil, authority: String? = nil,
        timeLimit: Duration = .seconds(10), clock: @escaping @Sendable () -> Timestamp
    ) throws(CustodyError) {
        guard Self.isKey(key) else {
            throw .setting("FAXLOCK_KMS_KEY_ID must be a key's id or ARN, or an alias as alias/faxlock")
        }
        let isRegionCharacter = { (byte: UInt8) in (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-") }
        guard (1...32).contains(region.utf8.count), region.utf8.allSatisfy(isRegionCharacter) else {
            throw .setting("FAXLOCK_KMS_REGION must be a region as us-east-1")
        }
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let address =
            if let endpoint { endpoint } else { try CustodyAddress("https://kms.\(region).\(domain)", setting: "FAXLOCK_KMS_REGION") }
        guard address.path.isEmpty else { throw .setting("FAXLOCK_KMS_ENDPOINT must be an address without a path") }
        self.key = key
        self.address = address
        signer = RequestSigner(credentials: credentials, region: region, service: "kms")
        self.clock = clock
        client = try CustodyClient(custodian: Self.word, authority: authority, limit: timeLimit)
    }

    package func wrap(_ secret: borrowing SecretBytes, context: CustodyContext) async throws(CustodyError) -> [UInt8] {
        let answer = try await ask("Encrypt", key: key, member: "Plaintext", secret, context: context)
        return try decoded("CiphertextBlob", of: answer).withBytes { Array($0) }
    }

    package func unwrap(
        _ ciphertext: [UInt8], key: String, context: CustodyContext
    ) async throws(CustodyError) -> SecretBytes {
        guard Self.isKey(key) else { throw .notAuthentic(name) }
        let answer = try await ask("Decrypt", key: key, member: "CiphertextBlob", SecretBytes(ciphertext), context: context)
        return try decoded("Plaintext", of: answer)
    }

    private func decoded(_ member: String, of answer: borrowing CustodyClient.Answer) throws(CustodyError) -> SecretBytes {
        guard let text = JSONText.text(at: member, in: answer.body), let bytes = text.withBytes({ Base64.decode($0) }), bytes.count > 0
        else { throw .unexpectedAnswer(custodian: name, status: answer.status) }
        return bytes
    }

    /// Sends `{KeyId, EncryptionContext, member: value in base64}` and gives an answer of status 200. `Decrypt` names the key as well: AWS
    /// then opens nothing that another key wrapped.
    private func ask(
        _ operation: String, key: String, member: String, _ value: borrowing SecretBytes, context: CustodyContext
    ) async throws(CustodyError) -> CustodyClient.Answer {
        let pairs = context.pairs.map { "\"\($0.name)\":\"\($0.value)\"" }.joined(separator: ",")
        let encoded = value.withBytes { Base64.encode($0) }
        var body = SecretBytes(capacity: encoded.count + key.utf8.count + pairs.utf8.count + 128)
        body.append(contentsOf: "{\"KeyId\":\"\(key)\",\"EncryptionContext\":{\(pairs)},\"\(member)\":\"".utf8)
        encoded.withBytes { _ = body.append(contentsOf: $0) }
        body.append(contentsOf: "\"}".utf8)
        let headers = signer.headers(
            posting: body, to: "/", host: address.authority,
            headers: [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "TrentService.\(operation)")], at: clock())
        let answer = try await client.post(body, to: address.url("/"), headers: headers)
        if answer.status == 200 { return answer }
        throw failure(answer, key: key)
    }

    private func failure(_ answer: borrowing CustodyClient.Answer, key: String) -> CustodyError {
        // `__type` is a name, or a namespace, '#' and a name; the message beside it is not shown, and neither is a name that is not known.
        let type = JSONText.text(at: "__type", in: answer.body)?.withBytes { String(decoding: $0, as: UTF8.self) } ?? ""
        switch type.split(separator: "#").last.map(String.init) ?? "" {
        case "InvalidCiphertextException", "IncorrectKeyException": return .notAuthentic(name)
        case "NotFoundException": return .unknownKey(custodian: name, key: key)
        case "DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException": return .unusableKey(custodian: name, key: key)
        case "ThrottlingException", "KeyUnavailableException", "DependencyTimeoutException", "KMSInternalException":
            return .unavailable(custodian: name)
        case "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch",
            "IncompleteSignatureException", "IncompleteSignature", "MissingAuthenticationTokenException", "MissingAuthenticationToken",
            "InvalidClientTokenId", "ExpiredTokenException", "ExpiredToken", "OptInRequired":
            return .refused(custodian: name)
        default: break
        }
        return switch answer.status {
        case 401, 403: .refused(custodian: name)
        case 429, 502, 503: .unavailable(custodian: name)
        default: .unexpectedAnswer(custodian: name, status: answer.status)
        }
    }

    /// What ids, ARNs and aliases are made of; no character that JSON would escape.
    private static func isKey(_ text: String) -> Bool {
        (1...2048).contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ":/_-".contains($0)) }
    }
}
