package import FaxModel
package import Logging
package import Store
import Synchronization

/// Delivers what `fax_events` tells: makes messages of new events, and posts each until its receiver has it or is given up.
///
/// All that matters is in the database. A message's outcome is committed after its answer: after a kill in between it is posted again, with
/// the same `webhook-id`. At most ``mostOfTarget`` messages go to one receiver at a time, so their order is not promised.
package actor WebhookRunner {
    /// Messages under way to one receiver.
    static let mostOfTarget = 4
    /// Messages under way at all.
    private static let most = 64
    /// Events of one transaction.
    private static let batch = 200
    /// For what is under way when the server stops.
    private static let grace = Duration.seconds(5)
    private static let cleaning = Duration.seconds(3600)
    /// Before a message whose outcome could not be written is posted again.
    private static let unwritten = Duration.seconds(30)

    private struct Attempt {
        let target: String
        let task: Task<Void, Never>
    }

    private let store: FaxStore
    private let post: @Sendable (WebhookMessage) async -> WebhookAnswer
    private let events: AsyncStream<Void>
    private let clock: @Sendable () -> Timestamp
    private let pause: @Sendable (Duration) async throws -> Void
    private let logger: Logger
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    /// Whether messages are to be looked for, also if there is no new event.
    private let isAsked = Mutex(false)

    private var underWay: [String: Attempt] = [:]
    private var isStopping = false
    private var timer: Task<Void, Never>?
    private var cleanedAt: Timestamp?
    private var failures = 0

    /// - Parameters:
    ///   - events: yields when there are new entries in `fax_events`: `store.eventFeed.subscribe()`.
    ///   - pause: waits that long.
    ///   - post: posts a message once.
    package init(
        store: FaxStore, events: AsyncStream<Void>, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        post: @escaping @Sendable (WebhookMessage) async -> WebhookAnswer
    ) {
        self.store = store
        self.post = post
        self.events = events
        self.clock = clock
        self.pause = pause
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that a message may be due: one was replayed, or a test was asked for. Cheap.
    package nonisolated func wake() {
        isAsked.withLock { $0 = true }
        signal.yield()
    }

    /// Runs until ``stop()``, or until the task is cancelled. What is under way then has some seconds; what is cut counts as never made.
    package func run() async {
        let listener = Task { [events, signal] in
            for await _ in events { signal.yield() }
        }
        wake()
        for await _ in signals {
            if isStopping { break }
            do {
                try await step()
                failures = 0
            } catch {
                failures += 1
                logger.error("webhooks wait for the database", metadata: ["error": "\(error)"])
                set(timer: .seconds(min(60, 1 << min(failures, 6))))
            }
        }
        listener.cancel()
        timer?.cancel()
        await finish()
    }

    /// Ends ``run()``.
    package func stop() {
        isStopping = true
        signal.yield()
    }

    private func finish() async {
        let attempts = underWay.values.map(\.task)
        if Task.isCancelled { for attempt in attempts { attempt.cancel() } }
        let end = Task { [pause] in
            try? await pause(Self.grace)
            for attempt in attempts { attempt.cancel() }
        }
        for attempt in attempts { await attempt.value }
        end.cancel()
    }

    private func step() async throws {
        let asked = isAsked.withLock { asked in
            defer { asked = false }
            return asked
        }
        let made = try await store.fanOutWebhooks(
            limit: Self.batch, compose: { WebhookPayload.body(of: $0) }, makeSecret: WebhookSecret.make)
        if made.messages > 0 { CrashPoint.reach(.webhooksMade) }
        // What is due is not kept waiting by events of hours.
        if made.events == Self.batch { signal.yield() }
        // Where nobody is told, events cost no more than this.
        guard asked || made.messages > 0 else { return }
        let now = clock()
        if cleanedAt.map({ $0.advanced(by: Self.cleaning) <= now }) ?? true {
            try await store.removeOldWebhooks()
            cleanedAt = now
        }
        while !isStopping, underWay.count < Self.most, try await startDue() {}
        let next = underWay.count < Self.most ? try await store.nextDelivery(except: Set(underWay.keys), busy: busy) : nil
        let wait = next.map { Duration.milliseconds(max(0, $0.milliseconds - clock().milliseconds)) } ?? Self.cleaning
        set(timer: min(wait, Self.cleaning))
    }

    /// Receivers to which nothing more goes for now.
    private var busy: Set<String> {
        let counts = Dictionary(underWay.values.map { ($0.target, 1) }, uniquingKeysWith: +)
        return Set(counts.filter { $0.value >= Self.mostOfTarget }.keys)
    }

    /// - Returns: false when nothing was started.
    private func startDue() async throws -> Bool {
        let jobs = try await store.dueDeliveries(except: Set(underWay.keys), busy: busy, limit: Self.most)
        var isStarted = false
        for job in jobs where underWay.count < Self.most && !busy.contains(job.target) {
            underWay[job.id] = Attempt(target: job.target, task: Task { await attempt(job) })
            isStarted = true
        }
        return isStarted
    }

    private func attempt(_ job: WebhookJob) async {
        do {
            if let verdict = await verdict(on: job) {
                CrashPoint.reach(.webhookPosted)
                try await store.attempted(job.id, verdict)
                CrashPoint.reach(.webhookCommitted)
            }
        } catch {
            logger.error(
                "the outcome of a webhook was not written; it is posted again", metadata: ["delivery": "\(job.id)", "error": "\(error)"])
            try? await pause(Self.unwritten)
        }
        underWay[job.id] = nil
        wake()
    }

    /// - Returns: nil when the attempt was cut by a stop.
    private func verdict(on job: WebhookJob) async -> WebhookVerdict? {
        guard job.isOwnerGood else { return .dead(status: nil, failure: "owner_revoked") }
        let answer = await post(
            WebhookMessage(
                id: job.id, url: job.url, body: job.body, secrets: job.secrets.compactMap { WebhookSecret($0) }, attempts: job.attempts))
        if answer == .failed(.stopped) { return nil }
        var generator = SystemRandomNumberGenerator()
        let verdict = DeliverySchedule.verdict(after: job.attempts + 1, answer, now: clock(), using: &generator)
        log(job, answer, verdict)
        return verdict
    }

    /// Of the URL its host alone: paths hold tokens.
    private func log(_ job: WebhookJob, _ answer: WebhookAnswer, _ verdict: WebhookVerdict) {
        let sentence: Logger.Message
        let level: Logger.Level
        switch verdict {
        case .delivered: return
        case .again: (sentence, level) = ("a webhook was not taken; it is posted again", .info)
        case .dead: (sentence, level) = ("a webhook was given up", .warning)
        case .gone: (sentence, level) = ("a webhook's receiver is gone for good (410)", .warning)
        }
        logger.log(
            level: level, sentence,
            metadata: [
                "delivery": "\(job.id)", "host": "\((try? WebhookURL(job.url))?.hostText ?? "")",
                "cause": "\(answer.word ?? answer.status.map { "\($0)" } ?? "")", "attempt": "\(job.attempts + 1)",
            ])
    }

    private func set(timer duration: Duration) {
        timer?.cancel()
        timer = Task { [pause] in
            guard (try? await pause(duration)) != nil else { return }
            wake()
        }
    }
}
