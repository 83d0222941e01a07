import Foundation
import KeyCustody
import Synchronization
import Testing
import Vault

@Suite struct KeySourceTests {
    private let vault = TransitStandIn()
    private static let plainText = "faxlock key-encryption key 1\n" + String(repeating: "0f", count: 32) + "\n"
    private static let firstLine = "faxlock wrapped key-encryption key 1\n"

    private func transit(_ port: Int, key: String = "faxlock") throws -> TransitCustodian {
        try TransitCustodian(
            address: CustodyAddress("http://127.0.0.1:\(port)", setting: "FAXLOCK_TRANSIT_URL"), key: key, token: "s.test-token",
            timeLimit: .seconds(120))
    }

    @Test func plainKeyIsMadeAndRead() async throws {
        try await TemporaryFolder.with { folder in
            let source = KeySource(path: "\(folder.path)/kek", custodian: nil)
            await #expect(throws: CustodyError.file(.missing(source.path))) { _ = try await source.key() }
            let made = try await source.makeKey()
            let read = try await source.key()
            #expect(read.id == made.id)
            #expect(try folder.mode(of: "kek") == 0o600)
            await #expect(throws: CustodyError.file(.exists(source.path))) { _ = try await source.makeKey() }
        }
    }

    @Test func wrappedKeyOpensThroughItsCustodianOnly() async throws {
        try await TemporaryFolder.with { folder in
            try await HTTPStandIn.with(answer: vault.answer) { server in
                let source = KeySource(path: "\(folder.path)/kek", custodian: try transit(server.port))
                let made = try await source.makeKey()
                let read = try await source.key()
                #expect(read.id == made.id)
                #expect(try folder.names == ["kek"])
                #expect(try folder.mode(of: "kek") == 0o600)
                let lines = try folder.read("kek").split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count == 5 && lines[4].isEmpty)
                #expect(lines[0...2] == ["faxlock wrapped key-encryption key 1", "custodian: transit", "key: faxlock"])
                #expect(lines[3].hasPrefix("ciphertext: "))
                // A ring proves that it is the same key, not only the same name.
                let wrapped = try KeyRing(tenant: .single, key: made).makeRoot(.columns)
                try KeyRing(tenant: .single, key: read).adopt(wrapped)

                await #expect(throws: CustodyError.file(.exists(source.path))) { _ = try await source.makeKey() }
                // Revoked: the running server has its key, the next start has none.
                vault.state.withLock { $0.tokens = [] }
                await #expect(throws: CustodyError.refused(custodian: "transit")) { _ = try await source.key() }
            }
        }
    }

    @Test func settingsAndFileMustAgree() async throws {
        try await TemporaryFolder.with { folder in
            let plain = try folder.write(Self.plainText, to: "plain")
            let wrapped = try folder.write(
                Self.firstLine + "custodian: transit\nkey: older\nciphertext: dmF1bHQ6djE6QUFBQQ==\n", to: "wrapped")
            let foreign = try folder.write(Self.firstLine + "custodian: aws-kms\nkey: a\nciphertext: AAAA\n", to: "foreign")
            let custodian = try transit(1)
            for (path, custodian, expected, hint) in [
                (plain, custodian, CustodyError.notWrapped(path: plain, custodian: "transit"), "FAXLOCK_KEY_CUSTODIAN=none"),
                (wrapped, nil, .custodianNotConfigured(path: wrapped, custodian: "transit"), "FAXLOCK_KEY_CUSTODIAN=transit"),
                (foreign, custodian, .custodianNotConfigured(path: foreign, custodian: "aws-kms"), "FAXLOCK_KEY_CUSTODIAN=aws-kms"),
                (wrapped, custodian, .otherKey(path: wrapped, wrappedBy: "older", configured: "faxlock"), "older"),
            ] as [(String, TransitCustodian?, CustodyError, String)] {
                let error = await #expect(throws: CustodyError.self) { _ = try await KeySource(path: path, custodian: custodian).key() }
                #expect(error == expected)
                #expect(error?.description.contains(hint) == true)
                #expect(error?.description.contains(path) == true)
            }
        }
    }

    @Test func retiredKeysMayHaveAnotherCustody() async throws {
        try await TemporaryFolder.with { folder in
            try await HTTPStandIn.with(answer: vault.answer) { server in
                let plain = KeySource(path: "\(folder.path)/1", custodian: nil)
                let first = try await plain.makeKey()
                let second = try await KeySource(path: "\(folder.path)/2", custodian: try transit(server.port, key: "other")).makeKey()
                let current = KeySource(path: "\(folder.path)/3", custodian: try transit(server.port))
                let third = try await current.makeKey()
                #expect(Set([first.id, second.id, third.id]).count == 3)
                let retired = try await current.retiredKeys(at: ["\(folder.path)/1", "\(folder.path)/2"])
                #expect(retired.map(\.id) == [first.id, second.id])
                // Back to a key in the clear.
                let back = KeySource(path: "\(folder.path)/1", custodian: nil, former: [try transit(server.port)])
                let former = try await back.retiredKeys(at: ["\(folder.path)/3"])
                #expect(former.map(\.id) == [third.id])
                await #expect(throws: CustodyError.custodianNotConfigured(path: "\(folder.path)/3", custodian: "transit")) {
                    _ = try await plain.retiredKeys(at: ["\(folder.path)/3"])
                }
            }
        }
    }

    /// The custodian answers, and wrongly: the key would be lost at the next start.
    @Test func keyThatDoesNotComeBackIsNotWritten() async throws {
        try await TemporaryFolder.with { folder in
            let other = Data(repeating: 7, count: 32).base64EncodedString()
            let answer = "{\"data\":{\"ciphertext\":\"vault:v1:AAAA\",\"plaintext\":\"\(other)\"}}"
            try await HTTPStandIn.with(answer: { _ in .whole(200, answer) }) { server in
                let source = KeySource(path: "\(folder.path)/kek", custodian: try transit(server.port))
                await #expect(throws: CustodyError.verificationFailed("transit")) { _ = try await source.makeKey() }
            }
            #expect(try folder.names.isEmpty)
        }
    }

    @Test(arguments: [
        "", "custodian: transit\n", "custodian: transit\nkey: k\n", "key: k\ncustodian: transit\nciphertext: AAAA\n",
        "custodian: transit\nkey: \nciphertext: AAAA\n", "custodian: transit\nkey: k\nciphertext: \n",
        "custodian: transit\nkey: k\nciphertext: A\n",
        "custodian: transit\nkey: k\nciphertext: AAAA\nmore\n", "custodian: transit\nkey: k\u{1}\nciphertext: AAAA\n",
        "custodian:transit\nkey:k\nciphertext:AAAA\n",
        "custodian: transit\nkey: k\nciphertext: " + String(repeating: "AAAA", count: 1366) + "\n",
    ])
    func malformedWrappedFileIsRefused(rest: String) async throws {
        try await TemporaryFolder.with { folder in
            let path = try folder.write(Self.firstLine + rest, to: "kek")
            await #expect(throws: CustodyError.malformedWrappedFile(path)) {
                _ = try await KeySource(path: path, custodian: try transit(1)).key()
            }
        }
    }

    @Test func filesAreCheckedAsKeyFiles() async throws {
        try await TemporaryFolder.with { folder in
            let path = try folder.write(Self.plainText, to: "kek")
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            await #expect(throws: CustodyError.file(.readableByOthers(path, mode: 0o640))) {
                _ = try await KeySource(path: path, custodian: nil).key()
            }
            let junk = try folder.write("junk", to: "junk")
            await #expect(throws: CustodyError.file(.malformed(junk))) { _ = try await KeySource(path: junk, custodian: nil).key() }
        }
    }

    @Test func credentialIsUsedWhenNothingElseIsSet() async throws {
        try await TemporaryFolder.with { folder in
            #expect(KeySource.path(given: nil, credentials: folder.path, otherwise: "/data.key") == "/data.key")
            let credential = try folder.write(Self.plainText, to: "faxlock.key")
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: credential)
            #expect(KeySource.path(given: nil, credentials: folder.path, otherwise: "/data.key") == credential)
            #expect(KeySource.path(given: "/mine", credentials: folder.path, otherwise: "/data.key") == "/mine")
            #expect(KeySource.path(given: nil, credentials: nil, otherwise: "/data.key") == "/data.key")
            #expect(KeySource.path(given: nil, credentials: "relative", otherwise: "/data.key") == "/data.key")
            let key = try await KeySource(path: credential, custodian: nil).key()
            #expect(key.id == (try KeyEncryptionKey(contentsOf: credential)).id)
        }
    }
}
