import FaxDispatch
import FaxModel
import Ledger
import Logging
import Store
import Synchronization
import Testing
import Vault

/// What has not moved past its deadline is found, once.
@Suite struct WatchdogTests {
    private static let minute = Duration.seconds(60)

    private func watchdog(_ house: TestHouse, calls: Int = 2, renderers: Int = 1) -> Watchdog {
        Watchdog(store: house.store, renderers: renderers, calls: calls, clock: house.clock.function, logger: house.logger)
    }

    /// Looks each minute, for this many of them.
    private func look(_ watchdog: Watchdog, _ house: TestHouse, minutes: Int) async throws -> [FaxID] {
        var found: [FaxID] = []
        for _ in 0..<minutes {
            house.clock.advance(by: Self.minute)
            found += try await watchdog.look()
        }
        return found
    }

    private func events(_ house: TestHouse, _ id: FaxID) async throws -> [String] {
        try await house.store.events(of: id, limit: 100).filter { $0.type == "fax.stalled" }.map(\.data)
    }

    private func dial(_ house: TestHouse, _ id: FaxID) async throws -> Int {
        let image = try await house.seal([1], .transmitted)
        let intent = FaxStore.Intent(backend: "scripted", reference: "call-\(id)", image: image)
        return try #require(try await house.store.intendAttempt(for: id, intent))
    }

    @Test func `a fax in a call without a page for half an hour has stalled, once, until it moves`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let attempt = try await dial(house, id)
            let watchdog = watchdog(house)
            #expect(try await look(watchdog, house, minutes: 30).isEmpty)
            #expect(try await look(watchdog, house, minutes: 1) == [id])
            #expect(try await house.fax(id).stalledAt == house.clock.now)
            #expect(try await house.store.gauges().stalled == [.sending: 1])
            #expect(try await look(watchdog, house, minutes: 60).isEmpty)
            #expect(try await events(house, id) == [#"{"state":"sending","status":"in_progress"}"#])
            try await house.store.pageConfirmed(
                id, attempt: attempt,
                page: PageRecord(page: 0, bitRate: 9600, errorCorrection: true, badRows: 0, retries: 0, confirmedAt: house.clock.now))
            #expect(try await house.fax(id).stalledAt == nil)
            #expect(try await house.store.gauges().stalled.isEmpty)
            // It may stall again.
            #expect(try await look(watchdog, house, minutes: 31) == [id])
            #expect(try await events(house, id).count == 2)
        }
    }

    @Test func `a fax that is next has stalled when a line was free all the time`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let watchdog = watchdog(house)
            #expect(try await look(watchdog, house, minutes: 15).isEmpty)
            #expect(try await look(watchdog, house, minutes: 1) == [id])
            #expect(try await look(watchdog, house, minutes: 30).isEmpty)
        }
    }

    @Test func `with all lines in calls a fax waits rightly`() async throws {
        try await TestHouse.with { house in
            let busy = try await house.queue(2)
            let attempt = try await dial(house, busy)
            let id = try await house.queue(1)
            let watchdog = watchdog(house, calls: 1)
            #expect(try await look(watchdog, house, minutes: 25).isEmpty)
            _ = try await house.store.attemptEnded(busy, attempt: attempt, report: .init(.failed(.rejected), evidence: "")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            // From here on there is no reason.
            #expect(try await look(watchdog, house, minutes: 15).isEmpty)
            #expect(try await look(watchdog, house, minutes: 1) == [id])
        }
    }

    @Test func `where no calls are made, nothing waits for a line too long`() async throws {
        try await TestHouse.with { house in
            _ = try await house.queue(1)
            #expect(try await look(watchdog(house, calls: 0), house, minutes: 40).isEmpty)
        }
    }

    @Test func `a fax that waits for its next call or its time is late only after it`() async throws {
        try await TestHouse.with { house in
            var terms = FaxTerms()
            terms.sendAt = house.clock.now.advanced(by: .seconds(3600))
            let scheduled = try await house.queue(1, terms: terms)
            let paused = try await house.queue(2)
            let attempt = try await dial(house, paused)
            let due = house.clock.now.advanced(by: .seconds(2400))
            _ = try await house.store.attemptEnded(paused, attempt: attempt, report: .init(.failed(.busy), evidence: "")) {
                RetryDecision(next: .again, progress: $0.fax.progress, dueAt: due)
            }
            let watchdog = watchdog(house)
            #expect(try await look(watchdog, house, minutes: 55).isEmpty)
            // Nobody woke its lane.
            #expect(try await look(watchdog, house, minutes: 1) == [paused])
            #expect(try await look(watchdog, house, minutes: 19).isEmpty)
            #expect(try await look(watchdog, house, minutes: 1) == [scheduled])
        }
    }

    @Test func `documents, held faxes and unknown outcomes have deadlines of their own`() async throws {
        try await TestHouse.with { house in
            let accepted = try await house.accept(1, document: Array("invented".utf8))
            let rendering = try await house.accept(2, document: Array("invented".utf8))
            #expect(try await house.store.apply(.renderingStarted, to: rendering) == .rendering)
            let held = try await house.queue(3)
            #expect(try await house.store.hold(held, reason: .operatorHold, by: .system))
            let unknown = try await house.queue(4)
            let attempt = try await dial(house, unknown)
            _ = try await house.store.attemptEnded(unknown, attempt: attempt, report: .init(.unknown, evidence: "")) {
                RetryDecision(next: .hold, progress: $0.fax.progress)
            }
            // The one page worker is at work on the second, so that the first waits rightly.
            let watchdog = watchdog(house)
            #expect(try await look(watchdog, house, minutes: 16) == [rendering])
            let second = Watchdog(
                store: house.store, renderers: 2, calls: 2, clock: house.clock.function, logger: house.logger)
            #expect(try await look(second, house, minutes: 16) == [accepted])
            #expect(try await look(second, house, minutes: 29) == [unknown])
            house.clock.advance(by: .seconds(22 * 3600))
            #expect(try await second.look().isEmpty)
            house.clock.advance(by: .seconds(2 * 3600))
            #expect(try await second.look() == [held])
        }
    }

    @Test func `time in which nobody looked says nothing of turns`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let watchdog = watchdog(house)
            #expect(try await look(watchdog, house, minutes: 1).isEmpty)
            house.clock.advance(by: .seconds(7200))
            #expect(try await look(watchdog, house, minutes: 15).isEmpty)
            #expect(try await look(watchdog, house, minutes: 1) == [id])
        }
    }

    @Test func `a lane that is busy without a call is found`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            try await house.execute("UPDATE lanes SET state = 'busy'")
            #expect(try await look(watchdog(house), house, minutes: 1) == [id])
        }
    }

    @Test func `a fax that moves while it is looked at is left alone`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let now = house.clock.now
            let deadlines = FaxStore.Deadlines(states: [:], scheduled: now, lanes: now, messages: now..<now)
            let seen = try await house.store.standing(deadlines, limit: 10).readyForLine
            #expect(seen.map(\.id) == [id])
            house.clock.advance(by: .seconds(1))
            _ = try await dial(house, id)
            #expect(try await house.store.stall(seen).isEmpty)
            #expect(try await events(house, id).isEmpty)
        }
    }

    @Test func `messages that were given up are told of once`() async throws {
        try await TestHouse.with { house in
            let lines = Mutex<[String]>([])
            let logger = Logger(label: "test") { _ in
                Recorder { line in lines.withLock { $0.append(line) } }
            }
            let watchdog = Watchdog(store: house.store, renderers: 1, calls: 1, clock: house.clock.function, logger: logger)
            try await watchdog.look()
            try await house.execute(
                """
                INSERT INTO webhook_deliveries (id, target, owner, type, body, state, due_at, created_at, ended_at)
                VALUES ('msg_1', 't', 'key_1', 'fax.delivered', '{}', 'dead', 0, 0, \(house.clock.now.milliseconds + 1000))
                """)
            _ = try await look(watchdog, house, minutes: 3)
            #expect(lines.withLock { $0 } == ["messages to webhooks were given up"])
        }
    }

    private struct Recorder: LogHandler {
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        let write: @Sendable (String) -> Void

        init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { write(event.message.description) }
    }
}
