import AuditSinks
import FaxModel
import Logging
import Synchronization
import Testing

@Suite struct SinkPumpTests {
    /// A sink that fails when told to.
    private final class ScriptedSink: AuditSink {
        let name = "scripted"
        private let state: Mutex<State>
        /// Waits until its task is cancelled.
        private let hangs: Bool

        struct State {
            var failures: Int
            var delivered: [AuditRecord] = []
            var batches: [Int] = []
            var isClosed = false
        }

        init(failures: Int = 0, hangs: Bool = false) {
            state = Mutex(State(failures: failures))
            self.hangs = hangs
        }

        var now: State { state.withLock { $0 } }

        func deliver(_ records: [AuditRecord]) async throws {
            guard !records.isEmpty else { return }
            if hangs { try await Task.sleep(for: .seconds(3600)) }
            try state.withLock {
                if $0.failures > 0 {
                    $0.failures -= 1
                    throw AuditSinkError("the far side is away")
                }
                $0.delivered += records
                $0.batches.append(records.count)
            }
        }

        func close() async { state.withLock { $0.isClosed = true } }
    }

    /// Pauses that are over at once, and are remembered; a poll that never comes.
    private final class Pauses: Sendable {
        private let lengths = Mutex<[Duration]>([])
        var all: [Duration] { lengths.withLock { $0 } }

        var timing: SinkTiming {
            var timing = SinkTiming()
            timing.poll = .seconds(3600)
            timing.drainLimit = .seconds(1800)
            timing.sleep = { duration in
                if duration >= .seconds(1800) { return try await Task.sleep(for: duration) }
                self.lengths.withLock { $0.append(duration) }
            }
            return timing
        }
    }

    private func pump(
        _ sink: ScriptedSink, _ ledger: MemoryLedger, from position: SinkPosition = .start, repeating: Int64 = 0,
        timing: SinkTiming = Pauses().timing
    ) -> SinkPump {
        SinkPump(
            sink, from: position, repeating: repeating, source: ledger.source, timing: timing, now: { Timestamp(milliseconds: 5) },
            logger: Logger(label: "test"))
    }

    @Test func allIsDeliveredInBoundedBatches() async throws {
        let ledger = MemoryLedger(SampleRecords.ledger(1200, checkpointEvery: 256))
        ledger.publish(upTo: .max)
        let sink = ScriptedSink()
        let pump = pump(sink, ledger)
        async let running: Void = pump.run()
        _ = try await eventually("all") { sink.now.delivered.count == 1204 ? true : nil }
        await pump.stop()
        await running
        #expect(sink.now.delivered == ledger.records)
        #expect(sink.now.batches == [500, 500, 204])
        #expect(ledger.saved == SinkPosition(sequence: 1199, checkpointSize: 1024))
        #expect(sink.now.isClosed)
        let status = await pump.status
        #expect(status.position == ledger.saved && status.lastError == nil && status.backlogSince == nil)
        #expect(status.lastSuccess == Timestamp(milliseconds: 5) && status.name == "scripted")
    }

    @Test func aSignalWakesIt() async throws {
        let ledger = MemoryLedger(SampleRecords.ledger(3))
        let sink = ScriptedSink()
        let pump = pump(sink, ledger)
        async let running: Void = pump.run()
        _ = try await eventually("it is idle") { await pump.status.lastSuccess }
        for count in 1...3 {
            ledger.publish(upTo: count)
            pump.wake()
            _ = try await eventually("record \(count)") { sink.now.delivered.count == count ? true : nil }
        }
        await pump.stop()
        await running
    }

    @Test func failuresPauseLongerAndLongerAndSkipNothing() async throws {
        let ledger = MemoryLedger(SampleRecords.ledger(10))
        ledger.publish(upTo: .max)
        let sink = ScriptedSink(failures: 9)
        let pauses = Pauses()
        let pump = pump(sink, ledger, timing: pauses.timing)
        async let running: Void = pump.run()
        _ = try await eventually("all") { sink.now.delivered.count == 10 ? true : nil }
        await pump.stop()
        await running
        #expect(pauses.all == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(sink.now.delivered == ledger.records)
    }

    @Test func theStatusSaysWhyAndSinceWhen() async throws {
        let ledger = MemoryLedger(SampleRecords.ledger(10))
        ledger.publish(upTo: .max)
        var timing = SinkTiming()
        timing.poll = .seconds(3600)
        timing.firstPause = .seconds(3600)
        timing.longestPause = .seconds(3600)
        let sink = ScriptedSink(failures: 1)
        let pump = pump(sink, ledger, timing: timing)
        async let running: Void = pump.run()
        _ = try await eventually("the failure") { await pump.status.lastError }
        let status = await pump.status
        #expect(status.lastError == "the far side is away")
        #expect(status.backlogSince == Timestamp(milliseconds: 5) && status.lastSuccess == nil && status.position == .start)
        // The end does not wait for the pause, and tries once more.
        await pump.stop()
        await running
        #expect(sink.now.delivered == ledger.records)
        #expect(ledger.saved.sequence == 9)
    }

    /// A position that cannot be saved is saved later; what is delivered is not delivered again.
    @Test func aDatabaseThatIsAwayCausesNoRepeats() async throws {
        let ledger = MemoryLedger(SampleRecords.ledger(10))
        ledger.publish(upTo: .max)
        ledger.failSaves(3)
        let sink = ScriptedSink()
        let pauses = Pauses()
        let pump = pump(sink, ledger, timing: pauses.timing)
        async let running: Void = pump.run()
        _ = try await eventually("the position is saved") { ledger.saves == 1 ? true : nil }
        await pump.stop()
        await running
        #expect(sink.now.delivered == ledger.records)
        #expect(pauses.all.count == 3)
        #expect(ledger.saved.sequence == 9)
    }

    @Test func errorsOfOthersAreNotRepeatedInTheStatus() async throws {
        let ledger = MemoryLedger(SampleRecords.ledger(1))
        ledger.publish(upTo: .max)
        ledger.failSaves(.max)
        var timing = SinkTiming()
        timing.firstPause = .seconds(3600)
        timing.longestPause = .seconds(3600)
        let pump = pump(ScriptedSink(), ledger, timing: timing)
        async let running: Void = pump.run()
        let error = try await eventually("the failure") { await pump.status.lastError }
        #expect(error.contains("DatabaseAway") && !error.contains("hunter2"))
        await pump.stop()
        await running
    }

    @Test func itGoesOnWhereItWasAndRepeatsWhatItIsAskedTo() async throws {
        let ledger = MemoryLedger(SampleRecords.ledger(20, checkpointEvery: 8), saved: SinkPosition(sequence: 9, checkpointSize: 8))
        ledger.publish(upTo: .max)
        let sink = ScriptedSink()
        let first = pump(sink, ledger, from: ledger.saved, repeating: 3)
        async let running: Void = first.run()
        _ = try await eventually("all") { ledger.saved.sequence == 19 ? true : nil }
        await first.stop()
        await running
        let expected = ledger.records.filter { record in
            switch record {
            case .leaf(let sequence, _): sequence >= 7
            case .checkpoint(let size, _): size > 8
            }
        }
        #expect(sink.now.delivered == expected)
    }

    /// The end of the task is an end in order: what is there is delivered, but not for ever.
    @Test func cancellationDrainsForABoundedTime() async throws {
        let ledger = MemoryLedger(SampleRecords.ledger(5))
        let sink = ScriptedSink()
        let pump = pump(sink, ledger)
        let running = Task { await pump.run() }
        _ = try await eventually("it is idle") { await pump.status.lastSuccess }
        ledger.publish(upTo: .max)
        running.cancel()
        await running.value
        #expect(sink.now.delivered == ledger.records && ledger.saved.sequence == 4)

        var timing = SinkTiming()
        timing.drainLimit = .milliseconds(10)
        let stuck = ScriptedSink(hangs: true)
        let hanging = self.pump(stuck, ledger, timing: timing)
        let task = Task { await hanging.run() }
        _ = try await eventually("it hangs") { await hanging.status.backlogSince }
        task.cancel()
        await task.value
        #expect(stuck.now.isClosed && stuck.now.delivered.isEmpty)
    }
}
