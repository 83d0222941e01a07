import ServerSettings
import Testing

@testable import Doctor

/// What keeps a server with patients' records from starting.
@Suite struct ProductionGateTests {
    typealias Code = ProductionGate.Finding.Code

    private static let facts = ProductionGate.Facts(
        hasStoredKey: false, keyFile: Good.place("/keys/faxlock.key", device: 2, mode: 0o600), isKeyFileThere: true,
        dataFolder: Good.place("/data", device: 1), managerAddresses: ["10.0.0.5"], isClockSynchronised: true, agreements: [])

    private static func codes(_ settings: [String: String] = [:], _ change: (inout ProductionGate.Facts) -> Void = { _ in }) -> [Code] {
        var facts = facts
        change(&facts)
        return ProductionGate.findings(Good.settings(settings), facts).map(\.code)
    }

    private static func key(device: UInt64 = 2, mode: UInt32 = 0o600, fileSystem: String = "ext4") -> FilePlace {
        FilePlace(path: "/keys/faxlock.key", device: device, owner: 990, mode: mode, fileSystem: fileSystem)
    }

    private static func codes(_ settings: [String: String] = [:], key: FilePlace, isThere: Bool = true) -> [Code] {
        codes(settings) { facts in
            facts.keyFile = key
            facts.isKeyFileThere = isThere
        }
    }

    @Test func aGoodServerStarts() {
        #expect(Self.codes().isEmpty)
        // All that is unsafe in another way, done right.
        #expect(
            Self.codes([
                "PHAXIO_VERIFY_SIGNATURE": "true", "ASTERISK_AMI_HOST": "asterisk", "ASTERISK_AMI_PASSWORD": "u7Yq2mW9xL4vB8nT",
                "FAXLOCK_HOST": "0.0.0.0", "FAXLOCK_TLS_CERTIFICATE": "/tls/c.pem", "FAXLOCK_TLS_KEY": "/tls/k.pem",
            ]).isEmpty)
    }

    static let settings: [(Code, [String: String])] = [
        (.keyNotRequired, ["REQUIRE_API_KEY": "false"]),
        (.noKey, ["API_KEY": ""]),
        (.weakSecret, ["API_KEY": "changeme"]),
        (.weakSecret, ["API_KEY": "ChangeMe-please-change-me-now"]),
        (.weakSecret, ["API_KEY": "fifteen-chars-x"]),
        (.weakSecret, ["ASTERISK_INBOUND_SECRET": "secret"]),
        (.weakSecret, ["ASTERISK_AMI_PASSWORD": "password1234567890"]),
        (.weakSecret, ["PHAXIO_API_SECRET": "aaaaaaaaaaaaaaaaaaaaaaaa"]),
        (.insecurePublicURL, ["PUBLIC_API_URL": "http://fax.example.org"]),
        (.insecurePublicURL, ["PUBLIC_API_URL": "http://127.0.0.1:8080", "ENFORCE_PUBLIC_HTTPS": "true"]),
        (.unverifiedCallback, ["PHAXIO_VERIFY_SIGNATURE": "False"]),
        (.noLedger, ["AUDIT_LOG_ENABLED": "false"]),
        (.plaintextListener, ["FAXLOCK_HOST": "0.0.0.0"]),
        (.plaintextListener, ["FAXLOCK_HOST": "0.0.0.0", "FAXLOCK_TRUSTED_PROXIES": "10.0.0.1"]),
        (.noAgreement, ["FAX_BACKEND": "phaxio"]), (.noAgreement, ["FAXLOCK_FAILOVER_BACKEND": "phaxio"]),
        (.madeUpOutcomes, ["FAXLOCK_SANDBOX": "instant"]),
        (.loopbackWebhooks, ["FAXLOCK_WEBHOOK_ALLOW_LOOPBACK": "true"]),
        (.shortenedRetries, ["FAXLOCK_RETRY_PERCENT": "5"]),
        (.noReason, ["FAXLOCK_REQUIRE_REASON": "false"]),
    ]

    @Test(arguments: settings) func exactlyThatSetting(code: Code, changes: [String: String]) {
        #expect(Self.codes(changes) == [code])
    }

    @Test func exactlyThatFact() {
        #expect(Self.codes { $0.managerAddresses = ["10.0.0.5", "203.0.113.9"] } == [.publicManager])
        #expect(Self.codes(key: Self.key(device: 1)) == [.keyWithData])
        #expect(Self.codes(key: Self.key(device: 1), isThere: false) == [.keyWithData])
        #expect(Self.codes(key: Self.key(mode: 0o644)) == [.keyReadable])
        #expect(Self.codes(key: Self.key(mode: 0o640)) == [.keyReadable])
        #expect(Self.codes { $0.isClockSynchronised = false } == [.clockNotSynchronised])
        #expect(Self.codes { $0.isClockSynchronised = nil } == [.clockUnknown])
    }

    @Test func whatMakesUpForIt() {
        #expect(Self.codes(["API_KEY": ""]) { $0.hasStoredKey = true }.isEmpty)
        #expect(Self.codes(["PUBLIC_API_URL": "http://fax.example.org", "ALLOW_INSECURE_PUBLIC_URL": "true"]).isEmpty)
        #expect(Self.codes(["PUBLIC_API_URL": "http://[::1]:8080"]).isEmpty)
        #expect(Self.codes(["FAX_BACKEND": "phaxio"]) { $0.agreements = ["phaxio"] }.isEmpty)
        #expect(Self.codes(["FAX_BACKEND": "phaxio", "FAX_DISABLED": "true"]).isEmpty)
        #expect(Self.codes(["FAXLOCK_KEY_CUSTODIAN": "transit"], key: Self.key(device: 1)).isEmpty)
        #expect(Self.codes(key: Self.key(device: 1, fileSystem: "tmpfs")).isEmpty)
        // A credential of systemd's: in memory, readable by its access control list.
        #expect(Self.codes(key: Self.key(mode: 0o440, fileSystem: "ramfs")).isEmpty)
        // The folder in which the key file will be made may be anybody's to read.
        #expect(Self.codes(key: Self.key(mode: 0o755), isThere: false).isEmpty)
    }

    @Test func theDevelopmentProfileOnlyKeepsItsWord() {
        let careless = [
            "FAXLOCK_PROFILE": "development", "REQUIRE_API_KEY": "false", "API_KEY": "changeme", "PUBLIC_API_URL": "http://a.example",
        ]
        #expect(Self.codes(careless).isEmpty)
        #expect(Self.codes(careless.merging(["ENFORCE_PUBLIC_HTTPS": "true"]) { $1 }) == [.insecurePublicURL])
    }

    @Test func everythingAtOnceAndEverySentenceHelps() {
        let found = ProductionGate.findings(
            Good.settings(["REQUIRE_API_KEY": "false", "AUDIT_LOG_ENABLED": "false", "API_KEY": "changeme", "PHAXIO_API_SECRET": "hunter2"]
            ),
            Self.facts)
        #expect(found.map(\.code) == [.keyNotRequired, .weakSecret, .weakSecret, .noLedger])
        #expect(found.allSatisfy { $0.sentence.count > 40 && !$0.sentence.contains("hunter2") })
        #expect(Code.allCases.filter(\.isWarning) == [.noReason, .clockNotSynchronised, .clockUnknown])
    }
}
