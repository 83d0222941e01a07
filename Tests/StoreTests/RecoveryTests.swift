import FaxModel
import Testing
import Vault

@testable import Store

@Suite struct RecoveryTests {
    @Test func `after a stop every fax is where it belongs`() async throws {
        try await TestStore.with { test in
            let accepted = try await test.accept(1)
            let rendering = try await test.accept(2)
            _ = try await test.store.apply(.renderingStarted, to: rendering)
            let queued = try await test.queue(3)
            let (intended, _) = try await test.dial(4)
            let (started, attempt) = try await test.dial(5)
            try await test.store.attemptStarted(started, attempt: attempt)
            try await test.store.pageConfirmed(started, attempt: attempt, page: test.page(0))
            let (delivered, last) = try await test.dial(6)
            for page in 0..<2 { try await test.store.pageConfirmed(delivered, attempt: last, page: test.page(page)) }
            try await test.store.attemptEnded(delivered, attempt: last, report: .init(.delivered, evidence: "T.30 0")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }

            test.clock.advance(by: .seconds(3600))
            let next = try await test.restarted()
            defer { try? next.store.close() }
            #expect(try await next.store.recoverAfterStop() == 2)
            #expect(try await next.fax(accepted).state == .accepted)
            #expect(try await next.fax(rendering).state == .accepted)
            #expect(try await next.fax(queued).state == .queued)
            #expect(try await next.fax(delivered).state == .delivered)
            #expect(try await next.fax(delivered).attempts.first?.outcome == "delivered")
            for id in [intended, started] {
                let fax = try await next.fax(id)
                #expect(fax.state == .unknown)
                #expect(fax.attempts.map(\.phase) == [.ended])
                #expect(fax.attempts.first?.outcome == "unknown")
                #expect(fax.attempts.first?.endedAt == test.clock.now)
                #expect(fax.attempts.first?.evidence == "the server stopped during the call")
                #expect(fax.error?.contains("not sent again by itself") == true)
            }
            // What the far machine confirmed is known all the same.
            #expect(try await next.fax(started).pagesConfirmed == 1)
        }
    }

    @Test func `a second recovery finds nothing to do`() async throws {
        try await TestStore.with { test in
            let (id, _) = try await test.dial(1)
            #expect(try await test.store.recoverAfterStop() == 1)
            let after = try await test.fax(id)
            test.clock.advance(by: .seconds(9))
            #expect(try await test.store.recoverAfterStop() == 0)
            #expect(try await test.fax(id).updatedAt == after.updatedAt)
        }
    }

    @Test func `an unknown fax is never dialled again`() async throws {
        try await TestStore.with { test in
            let (id, _) = try await test.dial(1)
            _ = try await test.store.recoverAfterStop()
            #expect(try await test.store.faxes(in: .queued, limit: 9).isEmpty)
            let image = try await test.document("again", kind: .transmitted)
            #expect(try await test.store.intendAttempt(for: id, FaxStore.Intent(backend: "line", reference: "r", image: image)) == nil)
        }
    }

    @Test func `a new folder needs no recovery`() async throws {
        try await TestStore.with { test in
            let unknown = try await test.store.recoverAfterStop()
            #expect(unknown == 0)
        }
    }
}
