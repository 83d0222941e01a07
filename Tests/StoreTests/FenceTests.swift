import FaxModel
import Testing
import Vault

@testable import Store

@Suite struct FenceTests {
    @Test func `each start has a higher fence`() async throws {
        try await TestStore.with { test in
            let second = try await test.restarted()
            let third = try await test.restarted()
            #expect(test.store.fence == 1)
            #expect(second.store.fence == 2)
            #expect(third.store.fence == 3)
            try second.store.close()
            try third.store.close()
        }
    }

    /// Promise 2: a server that was taken for dead must not write on, nor dial.
    @Test func `a server after which another has started can write nothing of a call`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            let queued = try await test.queue(2)
            let image = try await test.document("stale", kind: .transmitted)
            let second = try await test.restarted()
            defer { try? second.store.close() }
            await #expect(performing: { try await test.store.attemptStarted(id, attempt: attempt) }, throws: isStaleFence)
            await #expect(
                performing: {
                    try await test.store.attemptNegotiated(id, attempt: attempt, remoteIdentifier: "", bitRate: 9600, errorCorrection: true)
                }, throws: isStaleFence)
            await #expect(
                performing: { try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0)) }, throws: isStaleFence)
            await #expect(
                performing: {
                    try await test.store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: "")) {
                        RetryDecision(next: .noMore, progress: $0.fax.progress)
                    }
                },
                throws: isStaleFence)
            await #expect(
                performing: {
                    _ = try await test.store.intendAttempt(for: queued, FaxStore.Intent(backend: "line", reference: "x", image: image))
                },
                throws: isStaleFence)
            let fax = try await second.fax(id)
            #expect(fax.state == .sending)
            #expect(fax.pagesConfirmed == 0)
            #expect(fax.attempts.map(\.phase) == [.intent])
            #expect(try await second.fax(queued).state == .queued)
        }
    }

    @Test func `the new server closes the old one's attempts, and leads`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            let queued = try await test.queue(2)
            let second = try await test.restarted()
            defer { try? second.store.close() }
            #expect(try await second.store.recoverAfterStop() == 1)
            await #expect(
                performing: {
                    try await test.store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: "")) {
                        RetryDecision(next: .noMore, progress: $0.fax.progress)
                    }
                },
                throws: isStaleFence)
            #expect(try await second.fax(id).state == .unknown)
            let next = try await second.dialAgain(queued, image: "fresh")
            try await second.store.attemptEnded(queued, attempt: next, report: .init(.failed(.busy), evidence: "SIP 486")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            #expect(try await second.fax(queued).state == .failed)
        }
    }
}
