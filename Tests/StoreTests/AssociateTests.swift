import FaxModel
import Ledger
import Testing

@testable import Store

/// The register of business associates (45 CFR 164.308(b)).
@Suite struct AssociateTests {
    private static func day(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    @Test func recordedReplacedAndRemoved() async throws {
        try await TestStore.with { test in
            let store = test.store
            #expect(try await store.associates() == [])
            let first = try await store.recordAssociate(
                "phaxio", agreedOn: try Self.day("2026-01-01"), expiresOn: nil, note: "ask for Jane Invented", by: .system)
            #expect(try await store.associates() == [first])
            let second = try await store.recordAssociate(
                "phaxio", agreedOn: try Self.day("2026-02-01"), expiresOn: try Self.day("2027-01-31"), note: "", by: .system)
            #expect(try await store.associates() == [second])
            #expect(try await test.restarted().store.associates() == [second])
            #expect(try await store.removeAssociate("phaxio", by: .system))
            #expect(try await !store.removeAssociate("phaxio", by: .system))
            #expect(try await store.associates() == [])
            let events = try await store.ledgerEntries(from: 0, limit: 100).map { String(decoding: $0.leaf, as: UTF8.self) }
            #expect(events.filter { $0.contains("associate.recorded") }.count == 2)
            #expect(events.filter { $0.contains("associate.removed") }.count == 1)
            #expect(events.contains { $0.contains("2027-01-31") } && !events.contains { $0.contains("Jane") })
        }
    }

    /// In force from the beginning of its first day to the end of its last, UTC.
    @Test func inForce() async throws {
        try await TestStore.with { test in
            _ = try await test.store.recordAssociate(
                "sinch", agreedOn: try Self.day("2026-11-01"), expiresOn: try Self.day("2026-11-30"), note: "", by: .system)
            _ = try await test.store.recordAssociate("documo", agreedOn: try Self.day("2026-11-01"), expiresOn: nil, note: "", by: .system)
            let times = [
                ("2026-10-31T23:59:59.999Z", false, false), ("2026-11-01T00:00:00.000Z", true, true),
                ("2026-11-30T23:59:59.999Z", true, true),
                ("2026-12-01T00:00:00.000Z", false, true), ("2099-01-01T00:00:00.000Z", false, true),
            ]
            for (time, sinch, documo) in times {
                let now = try Self.day(time)
                test.clock.advance(by: .milliseconds(now.milliseconds - test.clock.now.milliseconds))
                #expect(try await test.store.hasAgreement(with: "sinch") == sinch, "\(time)")
                #expect(try await test.store.hasAgreement(with: "documo") == documo, "\(time)")
                #expect(try await !test.store.hasAgreement(with: "phaxio"))
                let readiness = try FaxStore.readiness(ofDatabaseAt: test.folder.path + "/faxlock.db", now: now)
                #expect(readiness.agreements == Set((sinch ? ["sinch"] : []) + (documo ? ["documo"] : [])), "\(time)")
            }
        }
    }

    @Test func readinessOfWhatIsNotThere() async throws {
        #expect(try FaxStore.readiness(ofDatabaseAt: "/nonexistent/faxlock.db", now: Timestamp(milliseconds: 0)) == FaxStore.Readiness())
        try await TestStore.with { test in
            let path = test.folder.path + "/faxlock.db"
            #expect(try !FaxStore.readiness(ofDatabaseAt: path, now: test.clock.now).hasKey)
            let key = APIKeyRecord(
                id: "k1", secretHash: Array(repeating: 1, count: 32), scopes: [.faxSend], name: "", owner: "", note: "",
                createdAt: test.clock.now, expiresAt: test.clock.now.advanced(by: .seconds(60)))
            try await test.store.save(key, by: .system)
            #expect(try FaxStore.readiness(ofDatabaseAt: path, now: test.clock.now).hasKey)
            #expect(try !FaxStore.readiness(ofDatabaseAt: path, now: test.clock.now.advanced(by: .seconds(60))).hasKey)
            _ = try await test.store.revokeKey("k1", by: .system)
            #expect(try !FaxStore.readiness(ofDatabaseAt: path, now: test.clock.now).hasKey)
        }
    }

    @Test(arguments: ["", "Phaxio", "a b", "a/b", "\u{e9}", String(repeating: "a", count: 65)]) func noNames(text: String) {
        #expect(!Associate.isName(text))
    }

    @Test func theNewestOfAKind() async throws {
        try await TestStore.with { test in
            try await test.store.record(LedgerEvent(.integrityChecked, object: "vault", by: .system))
            test.clock.advance(by: .seconds(60))
            try await test.store.record(LedgerEvent(.integrityChecked, object: "vault", by: .system, outcome: .failure))
            let newest = try await test.store.newest([.integrityChecked, .backupMade])
            #expect(newest == [.integrityChecked: FaxStore.Occasion(at: test.clock.now, outcome: "failure")])
            #expect(try await test.store.keysWrappedByFormerKeys() == 0)
        }
    }
}
