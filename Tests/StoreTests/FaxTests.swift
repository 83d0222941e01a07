import FaxModel
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

@Suite struct FaxTests {
    @Test func `what was accepted is read back`() async throws {
        try await TestStore.with { test in
            let id = try await test.accept(1, to: "+15551230142", owner: "key_7")
            let fax = try await test.fax(id)
            #expect(fax.id == id)
            #expect(fax.state == .accepted)
            #expect(fax.owner == "key_7")
            #expect(fax.number.dialString == "+15551230142")
            #expect(fax.backend == "line")
            #expect(fax.format == "pdf")
            #expect(fax.resolution == .fine)
            #expect(fax.paper == "letter")
            #expect(fax.document.rawValue == "upload1")
            #expect(fax.pages == nil && fax.image == nil && fax.error == nil)
            #expect(fax.pagesConfirmed == 0)
            #expect(fax.attempts.isEmpty)
            #expect(fax.createdAt == test.clock.now)
            let document = try await test.store.document(fax.document)
            #expect(document.kind == .upload)
            #expect(document.wrappedKey == Array(repeating: 7, count: 60))
            #expect(document.sha256 == Array(repeating: 9, count: 32))
            #expect(document.size == 12)
        }
    }

    @Test func `a fax that nobody sent is not found`() async throws {
        try await TestStore.with { test in
            #expect(try await test.store.fax(test.id(1)) == nil)
            let unknown = try #require(DocumentID("none"))
            await #expect {
                _ = try await test.store.document(unknown)
            } throws: { error in
                if case StoreFailure.unknownDocument("none") = error { true } else { false }
            }
        }
    }

    @Test func `an id is accepted once`() async throws {
        try await TestStore.with { test in
            try await test.accept(1)
            let document = try await test.document("another")
            let twice = try test.record(1, to: "+15551230199", document: document)
            await #expect(throws: DatabaseError.self) { try await test.store.accept(twice, document: document, by: .system) }
            #expect(try await test.fax(test.id(1)).number.dialString == "+15551230100")
            // The second one's document went with it.
            #expect(try await test.store.knownDocuments(among: [document.id]).isEmpty)
        }
    }

    @Test func `faxes are listed newest first, by owner and by page`() async throws {
        try await TestStore.with { test in
            for number in 1...6 { try await test.accept(number, owner: number % 2 == 0 ? "even" : "odd") }
            #expect(try await test.store.faxes(limit: 10).map(\.id) == (1...6).reversed().map(test.id))
            #expect(try await test.store.faxes(owner: "even", limit: 2).map(\.id) == [test.id(6), test.id(4)])
            #expect(try await test.store.faxes(owner: "even", before: test.id(4), limit: 2).map(\.id) == [test.id(2)])
            #expect(try await test.store.faxes(owner: "nobody", limit: 2).isEmpty)
        }
    }

    @Test func `the queue gives the oldest first, and only what is in the state asked for`() async throws {
        try await TestStore.with { test in
            for number in [3, 1, 2] { try await test.accept(number) }
            _ = try await test.queue(4)
            #expect(try await test.store.faxes(in: .accepted, limit: 2) == [test.id(1), test.id(2)])
            #expect(try await test.store.faxes(in: .queued, limit: 9) == [test.id(4)])
            #expect(try await test.store.faxes(in: .rendering, limit: 9).isEmpty)
        }
    }

    @Test func `rendered pages come with the state, and too late change nothing`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1, pages: 3)
            let fax = try await test.fax(id)
            #expect(fax.state == .queued)
            #expect(fax.pages == 3)
            #expect(fax.image?.rawValue == "pages1")
            let late = try await test.document("late", kind: .pages)
            try await test.store.rendered(id, image: late, pages: 9)
            let same = try await test.fax(id)
            #expect(same.pages == 3)
            #expect(same.image?.rawValue == "pages1")
            #expect(try await test.store.knownDocuments(among: [late.id]).isEmpty)
        }
    }

    @Test(arguments: [FaxState.delivered, .failed, .cancelled, .disabled, .unknown])
    func `a late event changes nothing`(state: FaxState) async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1)
            try await test.force(id, into: state)
            let before = try await test.fax(id)
            test.clock.advance(by: .seconds(60))
            let events: [FaxEvent] = [
                .renderingStarted, .renderingInterrupted, .rendered(.line), .notFaxable, .attemptIntended, .cancelled,
                .attemptEnded(.delivered, .noMore),
                .attemptEnded(.failed(.busy), .noMore), .attemptEnded(.interrupted, .again), .attemptEnded(.unknown, .hold),
            ]
            for event in events { #expect(try await test.store.apply(event, to: id, error: "late") == nil) }
            let after = try await test.fax(id)
            #expect(after.state == state)
            #expect(after.updatedAt == before.updatedAt)
            #expect(after.error == nil)
        }
    }

    @Test func `an event for no fax changes nothing`() async throws {
        try await TestStore.with { test in
            let state = try await test.store.apply(.cancelled, to: test.id(1))
            #expect(state == nil)
        }
    }

    @Test func `a failed document has its reason`() async throws {
        try await TestStore.with { test in
            let id = try await test.accept(1)
            test.clock.advance(by: .seconds(5))
            #expect(try await test.store.apply(.notFaxable, to: id, error: "The document has no pages.") == .failed)
            let fax = try await test.fax(id)
            #expect(fax.error == "The document has no pages.")
            #expect(fax.updatedAt == test.clock.now)
            #expect(fax.createdAt < fax.updatedAt)
        }
    }
}
