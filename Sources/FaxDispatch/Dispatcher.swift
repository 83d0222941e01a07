import Backends
package import FaxModel
package import Logging
package import Store
package import Workers

/// Moves faxes along: `accepted` ones to a page worker, `queued` ones to a line.
///
/// The database is the queue; this actor only knows what is under way. It is woken by ``wake()``, by whatever it finishes, and by its timer
/// when the database says that something is due.
package actor Dispatcher {
    /// How much happens at once.
    package struct Limits: Sendable {
        /// Page workers, 1 to 8.
        package var renderers: Int
        /// Calls on all routes together; 0: none is made.
        package var calls: Int
        /// Faxes of one destination in a call, where its route can carry several; 1 or more.
        package var faxesPerCall: Int
        /// Pages of one document.
        package var pages: Int
        /// How long calls may go on after the server was told to stop, before they are ended.
        package var grace: Duration

        package init(renderers: Int, calls: Int, faxesPerCall: Int = 1, pages: Int, grace: Duration) {
            self.renderers = renderers
            self.calls = calls
            self.faxesPerCall = faxesPerCall
            self.pages = pages
            self.grace = grace
        }
    }

    private enum Work: Sendable {
        case document(FaxID)
        /// The second is the route's index.
        case call(FaxID, Int)
        /// The database could not be read: look again in a moment.
        case waitForStore
    }

    private let store: FaxStore
    private let limits: Limits
    private let rendering: Rendering
    private let sending: Sending
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let pause: @Sendable () async throws -> Void
    private let sleep: @Sendable (Duration) async throws -> Void
    private let attemptEnded: @Sendable (EndedAttempt) -> Void
    private var book: RouteBook
    private var documentsInWork = 0
    /// Faxes that are being worked on, or wait after a failure.
    private var underWay: Set<FaxID> = []
    /// Calls that can be ended, with the faxes in them, by the first of these. Until its intent is committed a fax may be in two.
    private var calls: [FaxID: (faxes: [FaxID], task: Task<[EndedAttempt], any Error>)] = [:]
    /// How often in a row a fax was held up by what is not its fault.
    private var failures: [FaxID: Int] = [:]
    private var timer: Task<Void, any Error>?
    /// When it was last looked for calls to make.
    private var lastLook = Timestamp(milliseconds: 0)
    private var isStopping = false
    private var isGraceOver = false
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - routes: the ways out, the preferred one first; at least one.
    ///   - records: the folder of the line workers' own records; nil where calls have none.
    ///   - policy: when and how calls are made again.
    ///   - agreement: asked before each call: without an agreement in force the fax stays queued.
    ///   - pause: waits a moment after a failure that is not a fax's fault (a full disk), before the queue is looked at again.
    ///   - sleep: waits for what the database says is due.
    ///   - attemptEnded: told after each attempt whose end was recorded.
    package init(
        documents: Documents, renderer: PageRenderer, routes: [Route], header: HeaderText, limits: Limits, records: String? = nil,
        policy: RetryPolicy = RetryPolicy(), agreement: AgreementRule? = nil, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(5)) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        attemptEnded: @escaping @Sendable (EndedAttempt) -> Void = { _ in }
    ) {
        store = documents.store
        self.limits = limits
        self.clock = clock
        self.logger = logger
        self.pause = pause
        self.sleep = sleep
        self.attemptEnded = attemptEnded
        book = RouteBook(routes)
        rendering = Rendering(documents: documents, renderer: renderer, maximumPages: limits.pages, logger: logger, header: header)
        sending = Sending(
            documents: documents, routes: routes, header: header, records: records, policy: policy, clock: clock, pause: pause,
            logger: logger, agreement: agreement)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that the queue may have something new. Cheap.
    package nonisolated func wake() {
        signal.yield()
    }

    /// Ends the call of a fax, if it is in one: T.30 and SIP come to a proper end, and what was confirmed is known. Other faxes of the call go
    /// on in another one.
    package func endCall(_ id: FaxID) {
        for call in calls.values where call.faxes.contains(id) { call.task.cancel() }
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
                await setTimer()
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
            await graceIsOver()
            group.cancelAll()
        }
    }

    private var mayCallsGoOn: Bool { !isGraceOver && book.calls > 0 }

    private func graceIsOver() {
        isGraceOver = true
        timer?.cancel()
        signal.yield()
    }

    // MARK: What is next

    /// What there is room for now, marked as under way.
    private func takeWork() async -> [Work] {
        do {
            while try await store.promote() {}
            // A fax that ends while the database is read is looked at the next time: what was read of it may be of before.
            let busy = underWay
            let documents = try await waitingDocuments().filter { !busy.contains($0) }
            let calls = try await takeCalls(busy)
            let chosen = documents.prefix(max(0, limits.renderers - documentsInWork))
            documentsInWork += chosen.count
            underWay.formUnion(chosen)
            return chosen.map { .document($0) } + calls
        } catch {
            logger.error("the queue cannot be read", metadata: ["error": "\(error)"])
            return [.waitForStore]
        }
    }

    /// So many faxes wait after a failure that is not their own that it must be everybody's (a full disk, no agreement): trying the whole
    /// queue would help nobody.
    private var isHeldUp: Bool { underWay.count - documentsInWork - book.calls >= 1000 }

    private func waitingDocuments() async throws -> [FaxID] {
        guard documentsInWork < limits.renderers, !isHeldUp else { return [] }
        let limit = limits.renderers + underWay.count
        // A fax in rendering that nobody works on was left there when the database could not be written.
        return try await store.faxes(in: .rendering, limit: limit) + store.unrenderedFaxes(limit: limit)
    }

    private func takeCalls(_ busy: Set<FaxID>) async throws -> [Work] {
        let now = clock()
        lastLook = now
        guard book.calls < limits.calls, book.hasRoom(at: now), !isHeldUp else { return [] }
        // Some may have to wait for their route, or for their recipient's hours.
        let usual = busy.count + limits.calls - book.calls + 32
        let (work, isAll) = try await takeCalls(busy, limit: usual, now: now)
        guard !isAll, book.calls < limits.calls, book.hasRoom(at: now) else { return work }
        // Those at the front may all wait for a route that is full; others need not wait with them.
        return try await work + takeCalls(busy.union(underWay), limit: usual + 2000, now: now).work
    }

    /// - Returns: with it, whether there are no other faxes that are ready.
    private func takeCalls(_ busy: Set<FaxID>, limit: Int, now: Timestamp) async throws -> (work: [Work], isAll: Bool) {
        let ready = try await store.queuedFaxes(limit: limit)
        let isAll = ready.count < limit
        guard ready.contains(where: { !busy.contains($0.id) }) else { return ([], isAll) }
        var isUp: [Bool] = []
        for route in book.routes { isUp.append(await route.isUp()) }
        var work: [Work] = []
        for fax in ready where !busy.contains(fax.id) && book.calls < limits.calls {
            if let opening = fax.hours?.next(at: now), opening > now {
                do {
                    try await store.postpone(fax.id, until: opening)
                } catch {
                    // What was taken so far goes; the rest is looked at when the database can be written.
                    logger.error("a fax cannot be postponed", metadata: ["fax": "\(fax.id)", "error": "\(error)"])
                    return (work + [.waitForStore], isAll)
                }
            } else if let route = book.take(preferred: fax.route, isUp: isUp, at: now) {
                underWay.insert(fax.id)
                work.append(.call(fax.id, route))
            }
        }
        return (work, isAll)
    }

    /// Wakes the dispatcher when something is due.
    private func setTimer() async {
        timer?.cancel()
        guard !isStopping else { return }
        let now = clock()
        let moments = [try? await store.nextWake(), book.nextPlace(after: lastLook), now.advanced(by: .seconds(60))].compactMap { $0 }
        guard let next = moments.min() else { return }
        let wait = Duration.milliseconds(max(10, next.milliseconds - now.milliseconds))
        timer = Task { [sleep, signal] in
            try await sleep(wait)
            signal.yield()
        }
    }

    // MARK: Work

    private nonisolated func perform(_ work: Work) async {
        switch work {
        case .waitForStore:
            try? await pause()
            wake()
        case .document(let id):
            await attempt(id) {
                try await self.rendering.render(id)
            } end: {
                await self.documentIsOver()
            }
        case .call(let id, let route):
            await attempt(id) {
                for ended in try await self.call(id, route) { self.attemptEnded(ended) }
            } end: {
                await self.callIsOver(id, route)
            }
        }
    }

    private nonisolated func attempt(_ id: FaxID, _ body: () async throws -> Void, end: () async -> Void) async {
        do {
            try await body()
            await succeeded(id)
            await end()
        } catch is CancellationError {
            // The server stops; the fax stays where it is in the database.
            await end()
        } catch {
            logger.error("a fax is held up", metadata: ["fax": "\(id)", "error": "\(error)"])
            // Makes room for others while this fax waits: one that fails each time must not hold up the rest.
            await end()
            for _ in 0..<(await pausesAfterFailure(of: id)) { try? await pause() }
        }
        await letGo(id)
    }

    /// One call, in a task of its own that ``endCall(_:)`` can cancel.
    private func call(_ id: FaxID, _ route: Int) async throws -> [EndedAttempt] {
        let faxes = [id] + (try await mates(of: id, route))
        let task = Task { [sending] in
            try await sending.send(faxes, by: route) { await self.isGraceOver }
        }
        calls[id] = (faxes, task)
        defer { calls[id] = nil }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Pages of a call that several faxes share: what is saved is a small part of a longer call, and they wait for each other.
    private static let mostSharedPages = 20

    /// The faxes that go to a fax's destination in the same call, after it. None with one that was called before or was held up: what kept that
    /// call from succeeding would keep them all.
    private func mates(of id: FaxID, _ route: Int) async throws -> [FaxID] {
        guard limits.faxesPerCall > 1, failures[id] == nil, let fax = try await store.fax(id), fax.progress.dials == 0,
            book.routes[route].backend.keepsRecord(ofCallTo: fax.number)
        else { return [] }
        let now = clock()
        var pages = fax.pages ?? 0
        var mates: [FaxID] = []
        for mate in try await store.laneMates(of: id, limit: limits.faxesPerCall - 1)
        where mate.fax.hours?.next(at: now) ?? now <= now && !underWay.contains(mate.fax.id) {
            guard pages + mate.pages <= Self.mostSharedPages else { break }
            pages += mate.pages
            mates.append(mate.fax.id)
        }
        return mates
    }

    private func documentIsOver() {
        documentsInWork -= 1
        signal.yield()
    }

    private func callIsOver(_ id: FaxID, _ route: Int) {
        book.release(route)
        signal.yield()
    }

    private func succeeded(_ id: FaxID) { failures[id] = nil }

    /// Twice as many as the last time, up to 64.
    private func pausesAfterFailure(of id: FaxID) -> Int {
        let failed = failures[id, default: 0]
        failures[id] = failed + 1
        return 1 << min(failed, 6)
    }

    private func letGo(_ id: FaxID) {
        underWay.remove(id)
        signal.yield()
    }
}
