import FaxModel
import GRDB
import Testing
import Vault

@testable import Store

@Suite struct AttemptTests {
    @Test func `an intent is on record before anything else is`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            let fax = try await test.fax(id)
            #expect(attempt == 1)
            #expect(fax.state == .sending)
            let record = try #require(fax.attempts.first)
            #expect(record.number == 1)
            #expect(record.phase == .intent)
            #expect(record.reference == "call-\(id)")
            #expect(record.image.rawValue == "sent1")
            #expect(record.intentAt == test.clock.now)
            #expect(record.startedAt == nil && record.endedAt == nil && record.outcome == nil)
            #expect(try await test.store.document(record.image).kind == .transmitted)
        }
    }

    @Test(arguments: FaxState.allCases.filter { $0 != .queued })
    func `there is no attempt for a fax that is not queued`(state: FaxState) async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1)
            try await test.force(id, into: state)
            let image = try await test.document("sent", kind: .transmitted)
            #expect(try await test.store.intendAttempt(for: id, FaxStore.Intent(backend: "line", reference: "r", image: image)) == nil)
            #expect(try await test.fax(id).state == state)
            #expect(try await test.fax(id).attempts.isEmpty)
            #expect(try await test.store.knownDocuments(among: [image.id]).isEmpty)
        }
    }

    @Test func `of many that dial one fax at once, one does`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1)
            var images: [StoredDocument] = []
            for number in 0..<20 { images.append(try await test.document("sent\(number)", kind: .transmitted)) }
            let attempts = try await withThrowingTaskGroup(of: Int?.self) { group in
                for image in images {
                    group.addTask {
                        try await test.store.intendAttempt(
                            for: id, FaxStore.Intent(backend: "line", reference: "\(image.id)", image: image))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(attempts.compactMap { $0 } == [1])
            #expect(try await test.count(of: "attempts") == 1)
        }
    }

    @Test func `a call's whole way is kept`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            let intentAt = test.clock.now
            test.clock.advance(by: .seconds(4))
            try await test.store.attemptStarted(id, attempt: attempt)
            let startedAt = test.clock.now
            try await test.store.attemptNegotiated(
                id, attempt: attempt, remoteIdentifier: "+15551230100", bitRate: 9600, errorCorrection: true)
            test.clock.advance(by: .seconds(30))
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            test.clock.advance(by: .seconds(30))
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(1, retries: 2))
            try await test.store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: "T.30 0")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            let fax = try await test.fax(id)
            #expect(fax.state == .delivered)
            #expect(fax.pagesConfirmed == 2)
            #expect(fax.error == nil)
            let record = try #require(fax.attempts.first)
            #expect(record.phase == .ended)
            #expect(record.intentAt == intentAt)
            #expect(record.startedAt == startedAt)
            #expect(record.endedAt == test.clock.now)
            #expect(record.outcome == "delivered")
            #expect(record.cause == nil)
            #expect(record.evidence == "T.30 0")
            #expect(record.bitRate == 14_400)
            #expect(record.errorCorrection == true)
            #expect(record.pages.map(\.page) == [0, 1])
            #expect(record.pages.map(\.retries) == [0, 2])
        }
    }

    @Test(arguments: FailureCause.allCases)
    func `a failure has its cause and a sentence`(cause: FailureCause) async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            try await test.store.attemptEnded(id, attempt: attempt, report: .init(.failed(cause), evidence: "SIP 486")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            let fax = try await test.fax(id)
            #expect(fax.state == .failed)
            #expect(fax.attempts.first?.cause == cause)
            #expect(fax.attempts.first?.outcome == "failed")
            #expect(fax.error == "\(cause.sentence) (SIP 486)")
        }
    }

    @Test func `a second report of the end changes nothing`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            try await test.store.attemptEnded(id, attempt: attempt, report: .init(.unknown, evidence: "first")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            test.clock.advance(by: .seconds(1))
            for outcome in [AttemptOutcome.delivered, .failed(.busy), .interrupted, .unknown] {
                _ = try? await test.store.attemptEnded(id, attempt: attempt, report: .init(outcome, evidence: "second")) {
                    RetryDecision(next: .noMore, progress: $0.fax.progress)
                }
            }
            let fax = try await test.fax(id)
            #expect(fax.state == .unknown)
            #expect(fax.attempts.first?.evidence == "first")
            #expect(fax.attempts.first?.endedAt != test.clock.now)
            #expect(fax.error?.contains("not known whether the fax arrived") == true)
        }
    }

    @Test func `after its end nothing more is written to an attempt`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            try await test.store.attemptEnded(id, attempt: attempt, report: .init(.failed(.busy), evidence: "SIP 486")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            await #expect(throws: StoreFailure.self) { try await test.store.attemptStarted(id, attempt: attempt) }
            await #expect(throws: StoreFailure.self) { try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0)) }
            await #expect(throws: StoreFailure.self) {
                try await test.store.attemptNegotiated(id, attempt: attempt, remoteIdentifier: "", bitRate: 1, errorCorrection: false)
            }
            #expect(try await test.fax(id).pagesConfirmed == 0)
            #expect(try await test.count(of: "attempt_pages") == 0)
        }
    }

    @Test func `a page that is reported twice is counted once`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0, retries: 1))
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0, retries: 5))
            let fax = try await test.fax(id)
            #expect(fax.pagesConfirmed == 1)
            #expect(fax.attempts.first?.pages.map(\.retries) == [1])
        }
    }

    /// Otherwise a report of the last page alone would make a whole delivery.
    @Test func `a page that was left out is not confirmed by a later one`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1, pages: 3)
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(2))
            #expect(try await test.fax(id).pagesConfirmed == 1)
        }
    }

    @Test func `an interrupted fax is queued again and keeps its confirmed pages`() async throws {
        try await TestStore.with { test in
            let (id, first) = try await test.dial(1, pages: 3)
            try await test.store.pageConfirmed(id, attempt: first, page: test.page(0))
            try await test.store.attemptEnded(id, attempt: first, report: .init(.interrupted, evidence: "stopped")) {
                RetryDecision(next: .again, progress: $0.fax.progress)
            }
            #expect(try await test.fax(id).state == .queued)
            #expect(try await test.fax(id).pagesConfirmed == 1)
            // Not with what was prepared before that page was confirmed: it would arrive twice.
            let stale = try await test.document("stale", kind: .transmitted)
            #expect(
                try await test.store.intendAttempt(for: id, FaxStore.Intent(backend: "line", reference: "r", image: stale, firstPage: 0))
                    == nil)
            let second = try await test.dialAgain(id, image: "again", reference: "second")
            #expect(second == 2)
            try await test.store.pageConfirmed(id, attempt: second, page: test.page(1))
            try await test.store.pageConfirmed(id, attempt: second, page: test.page(2))
            let fax = try await test.fax(id)
            #expect(fax.pagesConfirmed == 3)
            #expect(fax.attempts.map { $0.pages.map(\.page) } == [[0], [1, 2]])
            #expect(fax.attempts.map(\.outcome) == ["interrupted", nil])
        }
    }

    @Test func `an attempt on the loopback names the fax that was received`() async throws {
        try await TestStore.with { test in
            let (id, _) = try await test.dial(1)
            #expect(try await test.fax(id).attempts.first?.receivedFax == nil)
            let document = try await test.document("received", kind: .received)
            try await test.store.receive(InboundTests.record(test.id(2), reference: "call-\(id)", document: document), document: document)
            #expect(try await test.fax(id).attempts.first?.receivedFax == test.id(2))
        }
    }
}
