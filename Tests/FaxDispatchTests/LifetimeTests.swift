import FaxModel
import Ledger
import Store
import Testing
import Vault
import WorkerProtocol

@testable import FaxDispatch

/// A fax without an end of its own lives for as long as the server's policy says.
@Suite struct LifetimeTests {
    private static let lifetime = Duration.seconds(20 * 60)

    /// What `body` is given takes faxes in by a policy with ``lifetime``.
    private func withIntake(_ body: (Intake, Documents, TestClock) async throws -> Void) async throws {
        try await TestHouse.with { house in
            var policy = RetryPolicy()
            policy.lifetime = Self.lifetime
            let store = try FaxStore(
                path: house.path + "/faxlock.db", key: house.key, keyPath: "test.key", retryPolicy: policy, clock: house.clock.function)
            defer { try? store.close() }
            let documents = Documents(
                store: store, folder: try await BlobFolder.open(at: house.path + "/blobs", tenant: .single))
            try await body(
                Intake(documents: documents, backend: "line", isDisabled: false, clock: house.clock.function, wake: {}), documents,
                house.clock)
        }
    }

    private func submit(_ terms: FaxTerms, to intake: Intake) async throws -> FaxRecord {
        let writer = try await intake.beginDocument()
        try await writer.append(Array("invented".utf8))
        let number = try #require(PhoneNumber("+15551230100"))
        return try await intake.submit(
            .init(number: number, owner: "key_1", format: .text, resolution: .fine, paper: .a4, terms: terms), document: writer,
            by: .system)
    }

    @Test func `it is counted from the moment at which the fax could first go, and kept with it`() async throws {
        try await withIntake { intake, documents, clock in
            let now = clock.now
            let hours = try #require(RecipientHours("08:00-17:00 UTC"))
            let cases: [(terms: FaxTerms, begin: Timestamp)] = [
                (FaxTerms(), now),
                (terms { $0.sendAt = now.advanced(by: .seconds(7200)) }, now.advanced(by: .seconds(7200))),
                (terms { $0.hours = hours }, hours.next(at: now)),
            ]
            for (terms, begin) in cases {
                let fax = try await submit(terms, to: intake)
                #expect(fax.notAfter == begin.advanced(by: Self.lifetime))
                #expect(try await documents.store.fax(fax.id)?.notAfter == fax.notAfter)
            }
        }
    }

    @Test func `a request's own end stands`() async throws {
        try await withIntake { intake, _, clock in
            let end = clock.now.advanced(by: .seconds(86_400))
            let fax = try await submit(terms { $0.notAfter = end }, to: intake)
            #expect(fax.notAfter == end)
        }
    }

    @Test func `a released fax has that time again`() async throws {
        try await withIntake { intake, documents, clock in
            let (store, fax) = (documents.store, try await submit(FaxTerms(), to: intake))
            _ = try await store.apply(.renderingStarted, to: fax.id)
            let pages = try await documents.create(.pages, of: fax.document)
            try await pages.append(Array("invented".utf8))
            try await store.rendered(fax.id, image: try await pages.finish(), pages: 1)
            #expect(try await store.hold(fax.id, reason: .operatorHold, by: .system))
            clock.advance(by: .seconds(86_400))
            #expect(try await store.release(fax.id, by: .system))
            #expect(try await store.fax(fax.id)?.notAfter == clock.now.advanced(by: Self.lifetime))
        }
    }

    private func terms(_ change: (inout FaxTerms) -> Void) -> FaxTerms {
        var terms = FaxTerms()
        change(&terms)
        return terms
    }
}
