import Backends
import FaxModel
import Store
import Testing
import Vault

@testable import FaxDispatch

/// What becomes of calls when the server stops, in good order or not. Promise 2: dialled once.
@Suite(.timeLimit(.minutes(10))) struct InterruptionTests {
    @Test func `stop waits for the call under way and begins no other`() async throws {
        try await TestHouse.with { house in
            let first = try await house.queue(1)
            let second = try await house.queue(2)
            let entered = Signal()
            let gate = Signal()
            let backend = ScriptedBackend { call, report in
                entered.send()
                await gate.wait()
                #expect(!Task.isCancelled)
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try house.dispatcher(backend, lines: 1)
            let running = Task { await dispatcher.run() }
            await entered.wait()
            await dispatcher.stop()
            dispatcher.wake()
            gate.send()
            await running.value
            #expect(backend.requests.count == 1)
            #expect(try await house.fax(first).state == .delivered)
            #expect(try await house.fax(second).state == .queued)
        }
    }

    @Test func `after the grace the call is cancelled, and its pages are not lost`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let entered = Signal()
            let backend = ScriptedBackend { call, report in
                try? await ScriptedBackend.confirm(0..<1, report)
                entered.send()
                // Until it is cancelled.
                await Signal().wait()
                #expect(Task.isCancelled)
                return AttemptResult(.interrupted, evidence: "the server stopped")
            }
            let dispatcher = try house.dispatcher(backend, grace: .milliseconds(20))
            let running = Task { await dispatcher.run() }
            await entered.wait()
            await dispatcher.stop()
            await running.value
            let fax = try await house.fax(id)
            #expect(fax.state == .queued)
            #expect(fax.pagesConfirmed == 1)
            #expect(fax.attempts.map(\.outcome) == ["interrupted"])
        }
    }

    @Test func `an interrupted fax goes on at its first unconfirmed page`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1, pages: (0..<4).map { TestPages.page($0) })
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                defer { left.send() }
                if call.firstPage > 0 { return await ScriptedBackend.deliver(call, report) }
                try? await ScriptedBackend.confirm(0..<3, report)
                return AttemptResult(.interrupted, evidence: "the server stopped")
            }
            let dispatcher = try house.dispatcher(backend)
            let running = Task { await dispatcher.run() }
            await left.wait(times: 2)
            await dispatcher.stop()
            await running.value
            #expect(backend.requests.map(\.firstPage) == [0, 3])
            #expect(backend.requests.map(\.documents) == [[4], [4]])
            #expect(Set(backend.requests.map(\.reference)).count == 2)
            let fax = try await house.fax(id)
            #expect(fax.state == .delivered)
            #expect(fax.attempts.map { $0.pages.map(\.page) } == [[0, 1, 2], [3]])
        }
    }

    @Test func `an unknown outcome is never sent again, not even by the next start`() async throws {
        try await TestHouse.with { house in
            let lost = try await house.queue(1)
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                defer { left.send() }
                if call.number.digits.hasSuffix("1") { return AttemptResult(.unknown, evidence: "lost") }
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try house.dispatcher(backend, lines: 1)
            let running = Task { await dispatcher.run() }
            await left.wait()
            _ = try await house.queue(2)
            dispatcher.wake()
            await left.wait()
            await dispatcher.stop()
            await running.value
            #expect(try await house.fax(lost).state == .unknown)

            let next = try await house.restarted()
            defer { try? next.store.close() }
            #expect(try await next.store.recoverAfterStop() == 0)
            let third = try await next.queue(3)
            let again = try next.dispatcher(backend, lines: 1)
            let runningAgain = Task { await again.run() }
            await left.wait()
            await again.stop()
            await runningAgain.value
            #expect(backend.requests.map(\.number.digits) == ["15551230101", "15551230102", "15551230103"])
            #expect(try await next.fax(lost).state == .unknown)
            #expect(try await next.fax(third).state == .delivered)
        }
    }

    @Test func `a call that was cut by a crash is not made again`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let image = try await house.seal(Array("pages".utf8), .transmitted)
            #expect(try await house.store.intendAttempt(for: id, FaxStore.Intent(backend: "scripted", reference: "r", image: image)) == 1)
            let next = try await house.restarted()
            defer { try? next.store.close() }
            #expect(try await next.store.recoverAfterStop() == 1)
            let other = try await next.queue(2)
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                defer { left.send() }
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try next.dispatcher(backend)
            let running = Task { await dispatcher.run() }
            await left.wait()
            await dispatcher.stop()
            await running.value
            #expect(backend.requests.count == 1)
            #expect(try await next.fax(id).state == .unknown)
            #expect(try await next.fax(other).state == .delivered)
        }
    }
}
