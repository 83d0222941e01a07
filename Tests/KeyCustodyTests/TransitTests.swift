import Foundation
import KeyCustody
import Synchronization
import Testing
import Vault

@Suite struct TransitTests {
    private let vault = TransitStandIn()
    private let context = CustodyContext(tenant: .single)
    private let secret = [UInt8](1...32)

    private func custodian(
        port: Int, key: String = "faxlock", token: String = "s.test-token", mount: String = "transit", namespace: String? = nil
    ) throws -> TransitCustodian {
        try TransitCustodian(
            address: CustodyAddress("http://127.0.0.1:\(port)", setting: "FAXLOCK_TRANSIT_URL"), key: key, token: token, mount: mount,
            namespace: namespace, timeLimit: .seconds(120))
    }

    private func withVault(_ body: (Int) async throws -> Void) async throws {
        try await HTTPStandIn.with(answer: vault.answer) { try await body($0.port) }
    }

    @Test(arguments: [false, true]) func wrapsAndUnwraps(isDerived: Bool) async throws {
        if isDerived { vault.state.withLock { _ = $0.derived.insert("faxlock") } }
        try await withVault { port in
            let custodian = try custodian(port: port)
            let wrapped = try await custodian.wrap(SecretBytes(secret), context: context)
            #expect(String(decoding: wrapped, as: UTF8.self).hasPrefix("vault:v1:"))
            let back = try await custodian.unwrap(wrapped, key: "faxlock", context: context)
            #expect(back.withBytes { Array($0) } == secret)
        }
    }

    @Test func pathAndNamespaceReachTheServer() async throws {
        vault.state.withLock {
            $0.mount = "teams/fax/transit"
            $0.namespace = "clinic/north"
        }
        try await withVault { port in
            let custodian = try custodian(port: port, mount: "teams/fax/transit", namespace: "clinic/north")
            let wrapped = try await custodian.wrap(SecretBytes(secret), context: context)
            #expect(wrapped.count > 60)
            let without = try self.custodian(port: port, mount: "teams/fax/transit")
            await #expect(throws: CustodyError.refused(custodian: "transit")) {
                _ = try await without.unwrap(wrapped, key: "faxlock", context: context)
            }
        }
    }

    @Test func rotationAtVaultKeepsOldCiphertexts() async throws {
        try await withVault { port in
            let custodian = try custodian(port: port)
            let first = try await custodian.wrap(SecretBytes(secret), context: context)
            vault.rotate("faxlock")
            let second = try await custodian.wrap(SecretBytes(secret), context: context)
            #expect(String(decoding: second, as: UTF8.self).hasPrefix("vault:v2:"))
            for wrapped in [first, second] {
                let back = try await custodian.unwrap(wrapped, key: "faxlock", context: context)
                #expect(back.withBytes { Array($0) } == secret)
            }
            vault.state.withLock { $0.minimumDecryptionVersion = 2 }
            await #expect(throws: CustodyError.notAuthentic("transit")) {
                _ = try await custodian.unwrap(first, key: "faxlock", context: context)
            }
        }
    }

    @Test func otherTenantOtherKeyAndChangedCiphertextAreRefused() async throws {
        try await withVault { port in
            let custodian = try custodian(port: port)
            let wrapped = try await custodian.wrap(SecretBytes(secret), context: context)
            let tenant = CustodyContext(tenant: try #require(TenantID("other")))
            var changed = wrapped
            changed[20] = changed[20] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            for (ciphertext, key, context) in [
                (wrapped, "faxlock", tenant), (wrapped, "other", context), (changed, "faxlock", context),
                (Array("vault:v9:AAAA".utf8), "faxlock", context),
                (Array("\"},{\"".utf8), "faxlock", context), ([], "faxlock", context), (wrapped, "../../sys/seal", context),
            ] {
                await #expect(throws: CustodyError.notAuthentic("transit")) {
                    _ = try await custodian.unwrap(ciphertext, key: key, context: context)
                }
            }
        }
    }

    @Test func refusalsAreToldApart() async throws {
        try await withVault { port in
            let good = try custodian(port: port)
            let wrapped = try await good.wrap(SecretBytes(secret), context: context)
            let wrongToken = try custodian(port: port, token: "s.another")
            await #expect(throws: CustodyError.refused(custodian: "transit")) {
                _ = try await wrongToken.wrap(SecretBytes(secret), context: context)
            }
            let wrongKey = try custodian(port: port, key: "nobody")
            await #expect(throws: CustodyError.unknownKey(custodian: "transit", key: "transit/nobody")) {
                _ = try await wrongKey.wrap(SecretBytes(secret), context: context)
            }
            let wrongMount = try custodian(port: port, mount: "elsewhere")
            await #expect(throws: CustodyError.unknownKey(custodian: "transit", key: "elsewhere/faxlock")) {
                _ = try await wrongMount.unwrap(wrapped, key: "faxlock", context: context)
            }
            vault.state.withLock { $0.isSealed = true }
            await #expect(throws: CustodyError.unavailable(custodian: "transit")) {
                _ = try await good.unwrap(wrapped, key: "faxlock", context: context)
            }
            vault.state.withLock { $0.isSealed = false }
            vault.state.withLock { $0.tokens = [] }
            await #expect(throws: CustodyError.refused(custodian: "transit")) {
                _ = try await good.unwrap(wrapped, key: "faxlock", context: context)
            }
        }
    }

    @Test func settingsThatCannotWorkAreNamed() throws {
        let address = try CustodyAddress("http://127.0.0.1:1", setting: "FAXLOCK_TRANSIT_URL")
        for (key, token, mount, name) in [
            ("", "t", "transit", "FAXLOCK_TRANSIT_KEY"), ("a/b", "t", "transit", "FAXLOCK_TRANSIT_KEY"),
            ("..", "t", "transit", "FAXLOCK_TRANSIT_KEY"), ("k", "", "transit", "FAXLOCK_TRANSIT_TOKEN"),
            ("k", "a\r\nX-Other: b", "transit", "FAXLOCK_TRANSIT_TOKEN"), ("k", "t", "/transit", "FAXLOCK_TRANSIT_MOUNT"),
            ("k", "t", "a/../b", "FAXLOCK_TRANSIT_MOUNT"), ("k", "t", "", "FAXLOCK_TRANSIT_MOUNT"),
        ] {
            let error = #expect(throws: CustodyError.self) { try TransitCustodian(address: address, key: key, token: token, mount: mount) }
            #expect(error?.description.hasPrefix(name) == true)
            #expect(error?.description.contains("X-Other") == false)
        }
        let error = #expect(throws: CustodyError.self) {
            try TransitCustodian(address: address, key: "k", token: "t", authority: "/nonexistent/ca.pem")
        }
        #expect(error?.description.hasPrefix("FAXLOCK_CUSTODIAN_CA: /nonexistent/ca.pem") == true)
    }

    @Test func tokenIsPrintedNowhere() throws {
        var dumped = ""
        let custodian = try custodian(port: 1, token: "s.very-secret")
        dump(custodian, to: &dumped)
        dumped += "\(custodian) \(String(reflecting: custodian))"
        #expect(!dumped.contains("very-secret"))
    }
}
