import Backends
import FaxModel
import Ledger
import Store
import Synchronization
import Testing
import WorkerProtocol

@testable import FaxDispatch

/// Calls after calls: what the dispatcher makes of the retry policy, on a clock that stands still until it is moved.
@Suite(.timeLimit(.minutes(10))) struct RetryingTests {
    /// What a backend is to do, and how it was asked.
    private final class Script: Sendable {
        private let rest: Mutex<[AttemptOutcome]>
        private let asked = Mutex<[CallMode]>([])

        init(_ outcomes: [AttemptOutcome]) { rest = Mutex(outcomes) }

        var modes: [CallMode] { asked.withLock { $0 } }

        func next(_ mode: CallMode) -> AttemptOutcome? {
            asked.withLock { $0.append(mode) }
            return rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    /// Answers one call after the other as the list says, then delivers.
    private func scripted(_ outcomes: [AttemptOutcome], _ left: Signal) -> (ScriptedBackend, Script) {
        let script = Script(outcomes)
        let backend = ScriptedBackend { call, report in
            defer { left.send() }
            guard let next = script.next(call.mode) else { return await ScriptedBackend.deliver(call, report) }
            if next == .failed(.protocolError) {
                try? await report(.answered)
                try? await report(.negotiated(Negotiation(remoteIdentifier: "", bitRate: 14_400, errorCorrection: true)))
                try? await ScriptedBackend.confirm(call.firstPage..<(call.firstPage + 1), report)
            }
            return AttemptResult(next, evidence: "scripted")
        }
        return (backend, script)
    }

    @Test func `a busy number is called again at its time, and not before`() async throws {
        try await TestHouse.with { house in
            let left = Signal()
            let (backend, _) = scripted([.failed(.busy)], left)
            let id = try await house.queue(1)
            let dispatcher = try house.dispatcher(backend)
            let running = Task { await dispatcher.run() }
            await left.wait()
            let waiting = try await settled(house, id) { $0.state == .queued }
            #expect(waiting.progress.dials == 1)
            #expect(waiting.dueAt > house.clock.now.advanced(by: .seconds(100)))
            dispatcher.wake()
            #expect(backend.requests.count == 1)
            house.clock.advance(by: .milliseconds(waiting.dueAt.milliseconds - house.clock.now.milliseconds))
            dispatcher.wake()
            await left.wait()
            let done = try await settled(house, id) { $0.state.isTerminal }
            #expect(done.state == .delivered)
            #expect(done.attempts.map(\.outcome) == ["failed", "delivered"])
            #expect(done.attempts.map(\.route) == ["scripted", "scripted"])
            await dispatcher.stop()
            await running.value
        }
    }

    @Test func `a call that broke off goes on at the first unconfirmed page, a rung lower`() async throws {
        try await TestHouse.with { house in
            let left = Signal()
            let (backend, record) = scripted([.failed(.protocolError)], left)
            let id = try await house.queue(1)
            let dispatcher = try house.dispatcher(backend)
            let running = Task { await dispatcher.run() }
            await left.wait()
            let waiting = try await settled(house, id) { $0.state == .queued }
            #expect(waiting.pagesConfirmed == 1)
            house.clock.advance(by: .seconds(600))
            dispatcher.wake()
            await left.wait()
            #expect(try await settled(house, id) { $0.state.isTerminal }.state == .delivered)
            #expect(backend.requests.map(\.firstPage) == [0, 1])
            #expect(record.modes == [.rung(0), .rung(1)])
            // The next fax to this machine begins where this one got through.
            let next = try await house.queue(11)
            dispatcher.wake()
            await left.wait()
            #expect(try await settled(house, next) { $0.state.isTerminal }.state == .delivered)
            #expect(record.modes.last == .rung(1))
            await dispatcher.stop()
            await running.value
        }
    }

    @Test func `a cancelled call is ended, and the fax is cancelled`() async throws {
        try await TestHouse.with { house in
            let entered = Signal()
            let backend = ScriptedBackend { _, _ in
                entered.send()
                let (stream, _) = AsyncStream.makeStream(of: Void.self)
                for await _ in stream {}
                return AttemptResult(.interrupted, evidence: "ended")
            }
            let id = try await house.queue(1)
            let dispatcher = try house.dispatcher(backend)
            let running = Task { await dispatcher.run() }
            await entered.wait()
            #expect(try await house.store.cancel(id, by: .system) == .ending)
            await dispatcher.endCall(id)
            #expect(try await settled(house, id) { $0.state.isTerminal }.state == .cancelled)
            await dispatcher.stop()
            await running.value
            #expect(backend.requests.count == 1)
        }
    }

    @Test func `the recipient's hours are kept`() async throws {
        try await TestHouse.with { house in
            let left = Signal()
            let (backend, _) = scripted([], left)
            var terms = FaxTerms()
            terms.hours = RecipientHours("08:00-17:00 UTC")
            let closed = try #require(Timestamp(iso8601: "2026-11-24T03:00:00Z"))
            house.clock.advance(by: .milliseconds(closed.milliseconds - house.clock.now.milliseconds))
            let id = try await house.queue(1, terms: terms)
            let dispatcher = try house.dispatcher(backend)
            let running = Task { await dispatcher.run() }
            let postponed = try await settled(house, id) { $0.dueAt > closed }
            #expect(postponed.dueAt == Timestamp(iso8601: "2026-11-24T08:00:00Z"))
            #expect(backend.requests.isEmpty)
            house.clock.advance(by: .seconds(5 * 3600))
            dispatcher.wake()
            await left.wait()
            #expect(try await settled(house, id) { $0.state.isTerminal }.state == .delivered)
            await dispatcher.stop()
            await running.value
        }
    }

    /// The fax once it is as asked; looked at after every event and now and then.
    private func settled(_ house: TestHouse, _ id: FaxID, _ isRight: (FaxRecord) -> Bool) async throws -> FaxRecord {
        while !Task.isCancelled {
            let fax = try await house.fax(id)
            if isRight(fax) { return fax }
            try await Task.sleep(for: .milliseconds(5))
        }
        return try await house.fax(id)
    }
}
