import FaxModel
import Foundation
import KeyCustody
import Testing
import Vault

/// Against moto, which verifies each signature and the right to the action.
@Suite(
    .enabled(if: KMSServer.isAvailable, "FAXLOCK_TEST_PYTHON names no Python that has moto[server,kms] and boto3"), WithKMSServer())
struct KMSTests {
    enum Name { case key, arn, alias }

    private let context = CustodyContext(tenant: .single)
    private let secret = [UInt8](1...32)

    private func custodian(
        key: Name = .key, as who: KeyPath<KMSServer, KMSServer.Credentials> = \.server, secret: String? = nil
    ) throws -> KMSCustodian {
        let server = try #require(KMSServer.current)
        let who = server[keyPath: who]
        let key =
            switch key {
            case .key: server.key
            case .arn: server.arn
            case .alias: server.alias
            }
        return try KMSCustodian(
            key: key, region: "us-east-1",
            credentials: AWSCredentials(accessKeyID: who.id, secretAccessKey: secret ?? who.secret, sessionToken: who.token),
            endpoint: CustodyAddress("http://127.0.0.1:\(server.port)", setting: "FAXLOCK_KMS_ENDPOINT"), timeLimit: .seconds(120),
            clock: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) })
    }

    @Test(arguments: [Name.key, .arn, .alias]) func wrapsAndUnwraps(key: Name) async throws {
        let custodian = try custodian(key: key)
        let wrapped = try await custodian.wrap(SecretBytes(secret), context: context)
        let back = try await custodian.unwrap(wrapped, key: custodian.key, context: context)
        #expect(back.withBytes { Array($0) } == secret)
    }

    @Test func temporaryCredentialsNeedTheirToken() async throws {
        let custodian = try custodian(as: \.temporary)
        let wrapped = try await custodian.wrap(SecretBytes(secret), context: context)
        let back = try await custodian.unwrap(wrapped, key: custodian.key, context: context)
        #expect(back.withBytes { Array($0) } == secret)
    }

    @Test func wrongSecretIsRefused() async throws {
        let wrong = try custodian(secret: "0123456789012345678901234567890123456789")
        await #expect(throws: CustodyError.refused(custodian: "aws-kms")) {
            _ = try await wrong.wrap(SecretBytes(secret), context: context)
        }
        let wrapped = try await custodian().wrap(SecretBytes(secret), context: context)
        await #expect(throws: CustodyError.refused(custodian: "aws-kms")) {
            _ = try await wrong.unwrap(wrapped, key: wrong.key, context: context)
        }
    }

    @Test func missingRightIsRefused() async throws {
        let writer = try custodian(as: \.encryptOnly)
        let wrapped = try await writer.wrap(SecretBytes(secret), context: context)
        await #expect(throws: CustodyError.refused(custodian: "aws-kms")) {
            _ = try await writer.unwrap(wrapped, key: writer.key, context: context)
        }
    }

    @Test func otherContextIsRefused() async throws {
        let custodian = try custodian()
        let wrapped = try await custodian.wrap(SecretBytes(secret), context: context)
        let other = CustodyContext(tenant: try #require(TenantID("other")))
        await #expect(throws: CustodyError.notAuthentic("aws-kms")) {
            _ = try await custodian.unwrap(wrapped, key: custodian.key, context: other)
        }
        var changed = wrapped
        changed[changed.count - 1] ^= 1
        await #expect(throws: CustodyError.notAuthentic("aws-kms")) {
            _ = try await custodian.unwrap(changed, key: custodian.key, context: context)
        }
    }

    @Test func otherKeyIsRefused() async throws {
        let custodian = try custodian()
        let wrapped = try await custodian.wrap(SecretBytes(secret), context: context)
        let other = try #require(KMSServer.current).otherKey
        await #expect(throws: CustodyError.self) { _ = try await custodian.unwrap(wrapped, key: other, context: context) }
    }

    @Test func keyFileOpensForWhoMayDecryptOnly() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder.path)/faxlock.key"
            let made = try await KeySource(path: path, custodian: try custodian()).makeKey()
            #expect(try folder.mode(of: "faxlock.key") == 0o600)
            let again = try await KeySource(path: path, custodian: try custodian()).key()
            #expect(again.id == made.id)
            let writer = KeySource(path: path, custodian: try custodian(as: \.encryptOnly))
            await #expect(throws: CustodyError.refused(custodian: "aws-kms")) { _ = try await writer.key() }
        }
    }
}

/// AWS's errors that moto does not know.
@Suite struct KMSAnswerTests {
    @Test(arguments: [
        (400, "{\"__type\":\"com.amazonaws.kms#IncorrectKeyException\",\"message\":\"very-secret\"}", CustodyError.notAuthentic("aws-kms")),
        (400, "{\"__type\":\"ThrottlingException\"}", .unavailable(custodian: "aws-kms")),
        (400, "{\"__type\":\"ExpiredTokenException\"}", .refused(custodian: "aws-kms")),
        (400, "{\"__type\":\"UnrecognizedClientException\"}", .refused(custodian: "aws-kms")),
        (400, "{\"__type\":\"NotFoundException\"}", .unknownKey(custodian: "aws-kms", key: "k")),
        (400, "{\"__type\":\"DisabledException\"}", .unusableKey(custodian: "aws-kms", key: "k")),
        (400, "{\"__type\":\"KMSInvalidStateException\"}", .unusableKey(custodian: "aws-kms", key: "k")),
        (400, "{\"__type\":\"NewException\"}", .unexpectedAnswer(custodian: "aws-kms", status: 400)),
        (400, "{\"__type\":\"#\"}", .unexpectedAnswer(custodian: "aws-kms", status: 400)),
        (403, "<html>", .refused(custodian: "aws-kms")), (500, "", .unexpectedAnswer(custodian: "aws-kms", status: 500)),
        (200, "{}", .unexpectedAnswer(custodian: "aws-kms", status: 200)),
        (200, "{\"Plaintext\":\"\"}", .unexpectedAnswer(custodian: "aws-kms", status: 200)),
    ])
    func errors(status: Int, body: String, expected: CustodyError) async throws {
        try await HTTPStandIn.with(answer: { _ in .whole(status, body) }) { server in
            let custodian = try KMSCustodian(
                key: "k", region: "us-east-1", credentials: AWSCredentials(accessKeyID: "A", secretAccessKey: "s"),
                endpoint: CustodyAddress("http://127.0.0.1:\(server.port)", setting: "FAXLOCK_KMS_ENDPOINT"),
                timeLimit: .seconds(120), clock: { Timestamp(milliseconds: 0) })
            let error = await #expect(throws: CustodyError.self) {
                _ = try await custodian.unwrap([1], key: "k", context: CustodyContext(tenant: .single))
            }
            #expect(error == expected)
            #expect(error?.description.contains("very-secret") == false)
        }
    }

    @Test func settingsThatCannotWorkAreNamed() throws {
        let credentials = try AWSCredentials(accessKeyID: "A", secretAccessKey: "s")
        for (key, region, name) in [
            ("", "us-east-1", "FAXLOCK_KMS_KEY_ID"), ("a\"b", "us-east-1", "FAXLOCK_KMS_KEY_ID"), ("k", "", "FAXLOCK_KMS_REGION"),
            ("k", "evil.example.com/", "FAXLOCK_KMS_REGION"),
        ] {
            let error = #expect(throws: CustodyError.self) {
                try KMSCustodian(key: key, region: region, credentials: credentials, clock: { Timestamp(milliseconds: 0) })
            }
            #expect(error?.description.hasPrefix(name) == true)
        }
    }
}
