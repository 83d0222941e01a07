package import Backends
package import FaxModel
package import Logging
package import Store
package import Workers

/// Moves faxes along: `accepted` ones to a page worker, `queued` ones to a line.
///
/// The database is the queue; this actor only knows how many are under way. It is woken by ``wake()`` and by whatever it finishes.
package actor Dispatcher {
    /// How much happens at once.
    package struct Limits: Sendable {
        /// Page workers, 1 to 8.
        package var renderers: Int
        /// Calls.
        package var lines: Int
        /// Pages of one document.
        package var pages: Int
        /// How long calls may go on after the server was told to stop, before they are ended.
        package var grace: Duration

        package init(renderers: Int, lines: Int, pages: Int, grace: Duration) {
            self.renderers = renderers
            self.lines = lines
            self.pages = pages
            self.grace = grace
        }
    }

    private enum Stage { case rendering, sending }

    private enum Work {
        case fax(FaxID, Stage)
        /// The database could not be read: look again in a moment.
        case waitForStore
    }

    private let store: FaxStore
    private let limits: Limits
    private let rendering: Rendering
    private let sending: Sending
    private let logger: Logger
    private let pause: @Sendable () async throws -> Void
    private let attemptEnded: @Sendable () -> Void
    private var busy: [Stage: Int] = [:]
    /// Faxes that are being worked on, or wait after a failure.
    private var underWay: Set<FaxID> = []
    /// How often in a row a fax was held up by what is not its fault.
    private var failures: [FaxID: Int] = [:]
    private var isStopping = false
    private var isGraceOver = false
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - pause: waits a moment after a failure that is not a fax's fault (a full disk), before the queue is looked at again.
    ///   - agreement: asked before each call: without an agreement in force the fax stays queued.
    ///   - attemptEnded: told after each attempt whose end was recorded.
    package init(
        documents: Documents, renderer: PageRenderer, backend: any Backend, header: HeaderText, limits: Limits,
        agreement: AgreementRule? = nil, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(5)) },
        attemptEnded: @escaping @Sendable () -> Void = {}
    ) {
        store = documents.store
        self.limits = limits
        self.logger = logger
        self.pause = pause
        self.attemptEnded = attemptEnded
        rendering = Rendering(documents: documents, renderer: renderer, maximumPages: limits.pages, logger: logger)
        sending = Sending(
            documents: documents, backend: backend, header: header, clock: clock, pause: pause, logger: logger, agreement: agreement)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that the queue may have something new. Cheap.
    package nonisolated func wake() {
        signal.yield()
    }

    /// Takes no more work, and lets ``run()`` return when the calls under way have ended or the grace is over.
    package func stop() {
        isStopping = true
        signal.yield()
    }

    /// Works until ``stop()`` or cancellation.
    package nonisolated func run() async {
        wake()
        await withDiscardingTaskGroup { group in
            for await _ in signals {
                if await isStopping || Task.isCancelled { break }
                for work in await takeWork() {
                    group.addTask { await self.perform(work) }
                }
            }
            // Rendering can begin again after a restart; a call should come to its own end.
            let timer = Task {
                try await Task.sleep(for: limits.grace)
                await graceIsOver()
            }
            while await mayCallsGoOn, !Task.isCancelled {
                for await _ in signals { break }
            }
            timer.cancel()
            group.cancelAll()
        }
    }

    private var mayCallsGoOn: Bool { !isGraceOver && busy[.sending, default: 0] > 0 }

    private func graceIsOver() {
        isGraceOver = true
        signal.yield()
    }

    /// What there is room for now, marked as under way. Both queues are read before anything is marked.
    private func takeWork() async -> [Work] {
        do {
            // A fax in rendering that nobody works on was left there when the database could not be written.
            let documents = try await waiting(.rendering, .rendering) + waiting(.accepted, .rendering)
            let calls = try await waiting(.queued, .sending)
            return claim(documents, .rendering) + claim(calls, .sending)
        } catch {
            logger.error("the queue cannot be read", metadata: ["error": "\(error)"])
            return [.waitForStore]
        }
    }

    private func limit(of stage: Stage) -> Int {
        switch stage {
        case .rendering: limits.renderers
        case .sending: limits.lines
        }
    }

    /// The oldest faxes in `state` that could be begun now.
    private func waiting(_ state: FaxState, _ stage: Stage) async throws -> [FaxID] {
        let free = limit(of: stage) - busy[stage, default: 0]
        guard free > 0 else { return [] }
        return try await store.faxes(in: state, limit: free + underWay.count).filter { !underWay.contains($0) }
    }

    private func claim(_ faxes: [FaxID], _ stage: Stage) -> [Work] {
        let chosen = faxes.prefix(max(0, limit(of: stage) - busy[stage, default: 0]))
        underWay.formUnion(chosen)
        busy[stage, default: 0] += chosen.count
        return chosen.map { .fax($0, stage) }
    }

    private nonisolated func perform(_ work: Work) async {
        guard case .fax(let id, let stage) = work else {
            try? await pause()
            return wake()
        }
        do {
            switch stage {
            case .rendering: try await rendering.render(id)
            case .sending:
                try await sending.send(id)
                attemptEnded()
            }
            await finished(id, stage)
        } catch is CancellationError {
            // The server stops; the fax stays where it is in the database.
            await finished(id, stage)
        } catch {
            logger.error("a fax is held up", metadata: ["fax": "\(id)", "error": "\(error)"])
            for _ in 0..<(await holdUp(id, stage)) { try? await pause() }
            await letGo(id)
        }
    }

    private func finished(_ id: FaxID, _ stage: Stage) {
        failures[id] = nil
        busy[stage, default: 0] -= 1
        letGo(id)
    }

    /// Makes room for others while this fax waits: one that fails each time must not hold up the rest.
    /// - Returns: for how many pauses, twice as many as the last time, up to 64.
    private func holdUp(_ id: FaxID, _ stage: Stage) -> Int {
        busy[stage, default: 0] -= 1
        signal.yield()
        let failed = failures[id, default: 0]
        failures[id] = failed + 1
        return 1 << min(failed, 6)
    }

    private func letGo(_ id: FaxID) {
        underWay.remove(id)
        signal.yield()
    }
}
