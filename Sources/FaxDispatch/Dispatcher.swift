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

    private let store: FaxStore
    private let limits: Limits
    private let rendering: Rendering
    private let sending: Sending
    private let logger: Logger
    private let pause: @Sendable () async throws -> Void
    private var busy: [Stage: Int] = [:]
    private var underWay: Set<FaxID> = []
    private var isStopping = false
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameter pause: waits a moment after a failure that is not a fax's fault (a full disk), before the queue is looked at again.
    package init(
        documents: Documents, renderer: PageRenderer, backend: any Backend, header: HeaderText, limits: Limits,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(5)) }
    ) {
        store = documents.store
        self.limits = limits
        self.logger = logger
        self.pause = pause
        rendering = Rendering(documents: documents, renderer: renderer, maximumPages: limits.pages, logger: logger)
        sending = Sending(documents: documents, backend: backend, header: header, clock: clock, pause: pause, logger: logger)
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
    package func run() async {
        wake()
        await withDiscardingTaskGroup { group in
            for await _ in signals {
                if isStopping || Task.isCancelled { break }
                await startWork(in: &group)
            }
            guard busy.values.contains(where: { $0 > 0 }) else { return }
            // Rendering can begin again after a restart; a call should come to its own end.
            let limit = busy[.sending, default: 0] > 0 ? limits.grace : .zero
            let timer = Task {
                try await Task.sleep(for: limit)
                isOver = true
                signal.yield()
            }
            while !isOver, busy[.sending, default: 0] > 0, !Task.isCancelled {
                for await _ in signals { break }
            }
            timer.cancel()
            group.cancelAll()
        }
    }

    private var isOver = false

    private func startWork(in group: inout DiscardingTaskGroup) async {
        do {
            for id in try await next(.accepted, .rendering, limit: limits.renderers) {
                start(id, .rendering, in: &group) { try await self.rendering.render(id) }
            }
            for id in try await next(.queued, .sending, limit: limits.lines) {
                start(id, .sending, in: &group) { try await self.sending.send(id) }
            }
        } catch {
            logger.error("the queue cannot be read", metadata: ["error": "\(error)"])
            group.addTask {
                try? await self.pause()
                self.wake()
            }
        }
    }

    private func next(_ state: FaxState, _ stage: Stage, limit: Int) async throws -> [FaxID] {
        let free = limit - busy[stage, default: 0]
        guard free > 0 else { return [] }
        let found = try await store.faxes(in: state, limit: free + underWay.count)
        return Array(found.filter { !underWay.contains($0) }.prefix(free))
    }

    private func start(
        _ id: FaxID, _ stage: Stage, in group: inout DiscardingTaskGroup, _ work: @escaping @Sendable () async throws -> Void
    ) {
        underWay.insert(id)
        busy[stage, default: 0] += 1
        group.addTask {
            do {
                try await work()
            } catch is CancellationError {
                // The server stops; the fax stays where it is in the database.
            } catch {
                self.logger.error("a fax is held up", metadata: ["fax": "\(id)", "error": "\(error)"])
                try? await self.pause()
            }
            await self.finished(id, stage)
        }
    }

    private func finished(_ id: FaxID, _ stage: Stage) {
        underWay.remove(id)
        busy[stage, default: 0] -= 1
        signal.yield()
    }
}
