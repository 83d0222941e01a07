import Backends
import FaxModel
import Store
import Testing
import Vault

@testable import FaxDispatch

@Suite(.timeLimit(.minutes(10))) struct DispatcherTests {
    @Test func `a queued fax is sent once, however often the queue is looked at`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let entered = Signal()
            let left = Signal()
            let gate = Signal()
            let backend = ScriptedBackend { call, report in
                entered.send()
                await gate.wait()
                let result = await ScriptedBackend.deliver(call, report)
                left.send()
                return result
            }
            let dispatcher = try house.dispatcher(backend)
            let running = Task { await dispatcher.run() }
            await entered.wait()
            for _ in 0..<20 { dispatcher.wake() }
            // A second fax is a look at the queue during the first one's call, and after it.
            let second = try await house.queue(2)
            dispatcher.wake()
            await entered.wait()
            for _ in 0..<2 { gate.send() }
            await left.wait(times: 2)
            await dispatcher.stop()
            await running.value
            #expect(backend.requests.count == 2)
            for id in [id, second] {
                let fax = try await house.fax(id)
                #expect(fax.state == .delivered)
                #expect(fax.pagesConfirmed == 2)
                #expect(fax.attempts.count == 1)
                #expect(backend.requests.filter { $0.reference == fax.attempts.first?.reference }.map(\.number) == [fax.number])
            }
        }
    }

    @Test func `the intent is committed before the backend is asked`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                // Committed: another connection sees it.
                let seen = try? await house.read(
                    "SELECT state || ' ' || phase || ' ' || reference FROM faxes JOIN attempts ON fax = id WHERE started_at IS NULL")
                #expect(seen == ["sending intent \(call.reference)"])
                left.send()
                return AttemptResult(.failed(.busy), evidence: "SIP 486")
            }
            let dispatcher = try house.dispatcher(backend)
            let running = Task { await dispatcher.run() }
            await left.wait()
            await dispatcher.stop()
            await running.value
            #expect(backend.requests.count == 1)
            // Busy: there will be another call.
            #expect(try await house.fax(id).state == .queued)
        }
    }

    @Test func `no more calls than lines`() async throws {
        try await TestHouse.with { house in
            for number in 1...5 { _ = try await house.queue(number) }
            let entered = Signal()
            let gate = Signal()
            let backend = ScriptedBackend { call, report in
                entered.send()
                await gate.wait()
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try house.dispatcher(backend, lines: 2)
            let running = Task { await dispatcher.run() }
            await entered.wait(times: 2)
            for _ in 0..<3 {
                dispatcher.wake()
                gate.send()
                await entered.wait()
            }
            for _ in 0..<2 { gate.send() }
            await dispatcher.stop()
            await running.value
            #expect(backend.requests.count == 5)
            #expect(backend.mostAtOnce == 2)
            #expect(try await house.store.faxes(limit: 9).allSatisfy { $0.state == .delivered })
        }
    }

    @Test func `the oldest fax goes first`() async throws {
        try await TestHouse.with { house in
            for number in [3, 1, 2] { _ = try await house.queue(number) }
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                let result = await ScriptedBackend.deliver(call, report)
                left.send()
                return result
            }
            let dispatcher = try house.dispatcher(backend, lines: 1)
            let running = Task { await dispatcher.run() }
            await left.wait(times: 3)
            await dispatcher.stop()
            await running.value
            #expect(backend.requests.map(\.number.digits) == ["15551230101", "15551230102", "15551230103"])
        }
    }

    @Test func `a database that fails for a while holds the queue up, and no longer`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            try await house.execute("ALTER TABLE faxes RENAME TO away")
            let paused = Signal()
            let gate = Signal()
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                defer { left.send() }
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try house.dispatcher(backend) {
                paused.send()
                await gate.wait()
            }
            let running = Task { await dispatcher.run() }
            await paused.wait()
            gate.send()
            // It fails again: the loop is still there.
            await paused.wait()
            #expect(backend.requests.isEmpty)
            try await house.execute("ALTER TABLE away RENAME TO faxes")
            gate.send()
            await left.wait()
            await dispatcher.stop()
            await running.value
            #expect(try await house.fax(id).state == .delivered)
        }
    }

    @Test func `a renderer that cannot be started leaves the fax accepted and the lines working`() async throws {
        try await TestHouse.with { house in
            let stuck = try await house.accept(1, document: Array("invented".utf8))
            let queued = try await house.queue(2)
            let paused = Signal()
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                defer { left.send() }
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try house.dispatcher(backend, renderer: "/nonexistent/faxlock-page") {
                paused.send()
                await Signal().wait()
                throw CancellationError()
            }
            let running = Task { await dispatcher.run() }
            await paused.wait()
            await left.wait()
            await dispatcher.stop()
            await running.value
            #expect(try await house.fax(stuck).state == .accepted)
            #expect(try await house.fax(queued).state == .delivered)
        }
    }

    @Test func `a fax whose image is damaged does not hold up those behind it`() async throws {
        try await TestHouse.with { house in
            let damaged = try await house.queue(1)
            let image = try #require(try await house.fax(damaged).image)
            let blobs = try house.blobs()
            let blob = try #require(blobs.first { $0.contains(image.rawValue) })
            try house.damage(blob)
            let behind = try await house.queue(2)
            let left = Signal()
            let backend = ScriptedBackend { call, report in
                defer { left.send() }
                return await ScriptedBackend.deliver(call, report)
            }
            // The damaged fax waits for ever; the only line must not wait with it.
            let dispatcher = try house.dispatcher(backend, lines: 1) { await Signal().wait() }
            let running = Task { await dispatcher.run() }
            await left.wait()
            await dispatcher.stop()
            await running.value
            #expect(try await house.fax(behind).state == .delivered)
            let held = try await house.fax(damaged)
            #expect(held.state == .queued && held.attempts.isEmpty)
        }
    }
}
