package import FaxModel
package import Logging

/// Carries records from the ledger to one sink, in order, until told to stop. None is skipped: one that the sink does not take holds up those
/// after it, which the status shows.
package actor SinkPump {
    private let sink: any AuditSink
    private let source: SinkSource
    private let timing: SinkTiming
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private var savedPosition: SinkPosition
    private var failures = 0
    private var isStopping = false
    /// The wait after a failure.
    private var pause: Task<Void, Never>?

    /// How the sink is doing.
    package private(set) var status: SinkStatus

    /// - Parameters:
    ///   - position: where ``SinkSource/advance`` got to.
    ///   - repeated: so many leaves before it are given again first; for a sink without acknowledgements after an end in disorder.
    ///   - now: the clock.
    package init(
        _ sink: any AuditSink, from position: SinkPosition, repeating repeated: Int64 = 0, source: SinkSource, timing: SinkTiming = .init(),
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.sink = sink
        self.source = source
        self.timing = timing
        self.now = now
        self.logger = logger
        savedPosition = position
        var start = position
        start.sequence = max(-1, position.sequence - max(0, repeated))
        status = SinkStatus(name: sink.name, position: start)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// There may be something to deliver.
    package nonisolated func wake() {
        signal.yield()
    }

    /// Has ``run()`` deliver what there is, for a bounded time, and return.
    package func stop() {
        isStopping = true
        pause?.cancel()
        signal.finish()
    }

    /// Runs until ``stop()`` or until its task is cancelled. Call it once.
    package func run() async {
        let clock = Task { [timing, signal] in
            while (try? await timing.sleep(timing.poll)) != nil { signal.yield() }
        }
        wake()
        // An iteration ends when the stream is finished or the task is cancelled.
        for await _ in signals {
            await deliverAll()
            if isStopping || Task.isCancelled { break }
        }
        clock.cancel()
        await drain()
        await sink.close()
    }

    /// Delivers until nothing is left, waiting after failures.
    private func deliverAll() async {
        while !isStopping, !Task.isCancelled {
            do {
                guard try await deliverBatch() else { return }
            } catch {
                // Cut by the end of the task: the drain tries once more.
                if Task.isCancelled { return }
                failed(error)
                await wait(timing.pause(after: failures))
            }
        }
    }

    /// Delivers until nothing is left or something fails; once, and not for longer than the limit.
    private func drain() async {
        // Not a child: the pump's own task may be cancelled already.
        let last = Task {
            do {
                while try await deliverBatch(), !Task.isCancelled {}
            } catch {
                failed(error)
            }
        }
        let limit = Task { [timing] in
            if (try? await timing.sleep(timing.drainLimit)) != nil { last.cancel() }
        }
        await last.value
        limit.cancel()
    }

    /// - Returns: whether there may be more.
    private func deliverBatch() async throws -> Bool {
        if status.position.isPast(savedPosition) { try await save() }
        let records = try await source.next(status.position, timing.batch)
        guard !records.isEmpty else {
            try await sink.deliver([])
            status.backlogSince = nil
            succeeded()
            return false
        }
        status.backlogSince = status.backlogSince ?? now()
        try await sink.deliver(records)
        // First here: should it not become durable, these are not given again while this process lives.
        status.position = status.position.advanced(over: records)
        if status.position.isPast(savedPosition) { try await save() }
        if records.count < timing.batch { status.backlogSince = nil }
        succeeded()
        return true
    }

    private func save() async throws {
        let reached = SinkPosition(
            sequence: max(status.position.sequence, savedPosition.sequence),
            checkpointSize: max(status.position.checkpointSize, savedPosition.checkpointSize))
        try await source.advance(reached)
        savedPosition = reached
    }

    private func succeeded() {
        if failures > 0 { logger.notice("audit sink works again", metadata: ["sink": "\(sink.name)"]) }
        failures = 0
        status.lastError = nil
        status.lastSuccess = now()
    }

    private func failed(_ error: any Error) {
        failures += 1
        // Texts of other errors may hold anything.
        let sentence = (error as? AuditSinkError)?.description ?? "the audit sink failed (\(type(of: error)))"
        if sentence != status.lastError {
            logger.warning("audit sink failed", metadata: ["sink": "\(sink.name)", "error": "\(sentence)"])
        }
        status.lastError = sentence
    }

    private func wait(_ duration: Duration) async {
        let pause = Task { [timing] in _ = try? await timing.sleep(duration) }
        self.pause = pause
        await withTaskCancellationHandler {
            await pause.value
        } onCancel: {
            pause.cancel()
        }
        self.pause = nil
    }
}
