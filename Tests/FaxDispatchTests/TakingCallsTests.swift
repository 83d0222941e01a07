import Backends
import FaxModel
import Foundation
import NIOPosix
import Store
import Synchronization
import Testing
import Workers

@testable import FaxDispatch

/// Which faxes one look at the queue takes: what keeps one of them back keeps back no other.
@Suite(.timeLimit(.minutes(10))) struct TakingCallsTests {
    private func dispatcher(
        _ house: TestHouse, _ routes: [Route], calls: Int = 2, pause: @escaping @Sendable () async throws -> Void = {},
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) throws -> Dispatcher {
        Dispatcher(
            documents: house.documents,
            renderer: PageRenderer(executable: "/nonexistent/faxlock-page", group: MultiThreadedEventLoopGroup.singleton), routes: routes,
            header: try HeaderText(sender: "Quincy Clinic", number: "+1 555 123 0111", timeZone: "America/New_York"),
            limits: Dispatcher.Limits(renderers: 0, calls: calls, pages: 50, grace: .seconds(5)), clock: house.clock.function,
            logger: house.logger, pause: pause, sleep: sleep)
    }

    /// Ends with its task only, as a timer does that is set anew.
    @Sendable private static func forever() async throws {
        await Signal().wait()
        throw CancellationError()
    }

    // MARK: A failing write

    @Test func `a fax that cannot be postponed takes no other with it`() async throws {
        try await TestHouse.with { house in
            let first = try await house.queue(1)
            var terms = FaxTerms()
            // The clock's day is a Sunday.
            terms.hours = RecipientHours("Mon-Fri 08:00-17:00 UTC")
            let closed = try await house.queue(2, terms: terms)
            try await house.execute(
                """
                CREATE TRIGGER refuse BEFORE UPDATE OF due_at ON faxes WHEN NEW.id = '\(closed)'
                BEGIN SELECT RAISE(ABORT, 'no'); END
                """)
            let (paused, gate, last) = (Signal(), Signal(), Signal())
            let backend = ScriptedBackend { call, report in
                defer { if call.number.digits.hasSuffix("3") { last.send() } }
                return await ScriptedBackend.deliver(call, report)
            }
            let dispatcher = try dispatcher(
                house, [Route(name: "scripted", backend: backend, maximumCalls: 2)],
                pause: {
                    paused.send()
                    await gate.wait()
                }, sleep: { _ in try await Self.forever() })
            let running = Task { await dispatcher.run() }
            await paused.wait()
            // The next looks find the database well.
            try await house.execute("DROP TRIGGER refuse")
            let third = try await house.queue(3)
            gate.send()
            await last.wait()
            await dispatcher.stop()
            await running.value
            #expect(Set(backend.requests.map(\.number.digits)) == ["15551230101", "15551230103"])
            #expect(try await house.fax(first).state == .delivered)
            #expect(try await house.fax(third).state == .delivered)
            let waiting = try await house.fax(closed)
            #expect(waiting.state == .queued && waiting.dueAt == Timestamp(iso8601: "2026-11-23T08:00:00Z"))
        }
    }

    // MARK: Routes

    @Test func `those that wait for a full route do not starve the one behind them that wants another`() async throws {
        try await TestHouse.with { house in
            let page = [TestPages.page(1, rows: 24)]
            for number in 1...40 { _ = try await house.queue(number, pages: page, to: "+15551230\(100 + number)") }
            let behind = try await house.queue(41, pages: page, to: "+15551230199")
            var progress = RetryProgress()
            progress.route = 1
            let json = String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
            try await house.execute("UPDATE faxes SET progress = '\(json)' WHERE id = '\(behind)'")
            let (entered, gate, looked) = (Signal(), Signal(), Signal())
            let full = ScriptedBackend { call, report in
                entered.send()
                await gate.wait()
                return await ScriptedBackend.deliver(call, report)
            }
            let other = ScriptedBackend(ScriptedBackend.deliver)
            let dispatcher = try dispatcher(
                house, [Route(name: "full", backend: full, maximumCalls: 1), Route(name: "other", backend: other, maximumCalls: 1)]
            ) { _ in
                // After each look the dispatcher sets its timer.
                looked.send()
                try await Self.forever()
            }
            let running = Task { await dispatcher.run() }
            await entered.wait()
            await looked.wait()
            dispatcher.wake()
            await looked.wait()
            await dispatcher.stop()
            gate.send()
            await running.value
            #expect(full.requests.map(\.number.digits) == ["15551230101"])
            #expect(other.requests.map(\.number.digits) == ["15551230199"])
            #expect(try await house.fax(behind).state == .delivered)
        }
    }

    /// However long a look takes: the place in the second may be free again when the timer is set.
    @Test(arguments: [Duration.zero, .milliseconds(499), .seconds(1)])
    func `a fax that waits for its place in the second is called without another signal`(look: Duration) async throws {
        try await TestHouse.with { house in
            for number in 1...2 { _ = try await house.queue(number) }
            let (entered, gate, slept) = (Signal(), Signal(), Signal())
            let waits = Mutex<[Duration]>([])
            let backend = ScriptedBackend { call, report in
                entered.send()
                // Its end would be a signal.
                await gate.wait()
                return await ScriptedBackend.deliver(call, report)
            }
            let route = Route(name: "scripted", backend: backend, maximumCalls: 2, callsPerSecond: 2) {
                house.clock.advance(by: look)
                return true
            }
            let dispatcher = try dispatcher(house, [route]) { wait in
                waits.withLock { $0.append(wait) }
                slept.send()
                guard wait <= .seconds(1) else { return try await Self.forever() }
                house.clock.advance(by: wait)
            }
            let running = Task { await dispatcher.run() }
            await slept.wait()
            let first = try #require(waits.withLock { $0.first })
            #expect(first <= .milliseconds(500))
            if first <= .milliseconds(500) { await entered.wait(times: 2) }
            await dispatcher.stop()
            for _ in 0..<2 { gate.send() }
            await running.value
            #expect(backend.requests.map(\.number.digits).sorted() == ["15551230101", "15551230102"])
        }
    }
}
