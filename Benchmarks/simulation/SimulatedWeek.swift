import Backends
import FaxDispatch
import FaxModel
import Store
import Synchronization
import Vault

/// The simulated world: clients, a town of fax machines, people who look after what waits for them, and one server's store.
///
/// For one task. All that happens comes out of the event queue, one after the other, so a seed says it all.
final class SimulatedWeek {
    enum Event {
        case submit(Int)
        case render(FaxID)
        case rendered(FaxID, rendering: Int)
        case cancel(FaxID)
        /// A call's next step.
        case step(Int, version: Int)
        /// A person looks at what is held or unknown.
        case person(FaxID)
        /// Something is due in the store or on a route.
        case wake
        /// The server stops properly, as for an update.
        case stop
        /// The server is killed.
        case crash
        /// What comes of a call after its server was killed.
        case lateReport(FaxID, attempt: Int)
    }

    /// 2026-03-04 is a Wednesday; on its Sunday New York's clocks are set forward.
    static let start = Timestamp(milliseconds: 1_772_600_400_000)
    static let limits: [(calls: Int, interval: Duration)] = [(12, .milliseconds(500)), (6, .seconds(1))]

    let clock = VirtualClock(start)
    let store: FaxStore
    let town: [Destination]
    let orders: [Order]
    let weather = Weather(start: start)
    let decider: Decider
    var random: SeededRandom
    var queue = EventQueue<Event>()
    var book = RouteBook(
        zip(["first", "second"], limits).map { name, limit in
            Route(
                name: name, backend: SimulatedLine(), maximumCalls: limit.calls,
                callsPerSecond: Double(1000) / Double(limit.interval / .milliseconds(1)))
        })
    var faxes: [FaxID: WatchedFax] = [:]
    var calls: [Int: LiveCall] = [:]
    var callsMade = 0
    var stoppedUntil = start
    var epoch: EpochName?
    var referee = Referee()
    var digest = Digest()
    private var wakeAt: Timestamp?

    init(faxes count: Int, seed: UInt64, folder: String) throws {
        random = SeededRandom(seed: seed)
        town = Destination.town(max(Destination.Kind.allCases.count * 2, count / 12), using: &random)
        orders = Order.week(count, from: Self.start, town: town, using: &random)
        decider = Decider(seed: random.next())
        store = try FaxStore(path: folder + "/faxlock.db", key: KeyEncryptionKey(), keyPath: "simulation", clock: { [clock] in clock.now })
        for index in orders.indices { queue.plan(.submit(index), at: orders[index].at) }
        for day in 0..<7 { queue.plan(.stop, at: Self.start.advanced(by: .seconds(day * 86_400 + 14 * 3600))) }
        for hour in [35, 83, 84] { queue.plan(.crash, at: Self.start.advanced(by: .seconds(hour * 3600 + 1234))) }
    }

    func close() throws { try store.close() }

    func run() async throws {
        epoch = try await store.currentEpoch()
        while let (moment, event) = queue.next() {
            clock.move(to: moment)
            if try await handle(event) { try await dispatch(isDue: isWake(event)) }
        }
        try await verify()
    }

    private func isWake(_ event: Event) -> Bool { if case .wake = event { true } else { false } }

    /// - Returns: whether there may be something new to call.
    private func handle(_ event: Event) async throws -> Bool {
        switch event {
        case .submit(let index):
            try await submit(index)
            return false
        case .render(let id):
            try await render(id)
            return false
        case .rendered(let id, let rendering): return try await finishRendering(id, rendering)
        case .cancel(let id): return try await cancel(id)
        case .step(let serial, let version): return try await step(serial, version)
        case .person(let id): return try await askPerson(id)
        case .wake:
            // An earlier one took the place of others that were planned.
            guard wakeAt == clock.now else { return false }
            wakeAt = nil
            return true
        case .stop:
            stop()
            return true
        case .crash:
            try await crash()
            return true
        case .lateReport(let id, let attempt):
            try await reportLate(id, attempt: attempt)
            return false
        }
    }

    /// Calls whatever may be called now, as the server's dispatcher does.
    /// - Parameter isDue: whether it is for what waits for this moment that it was woken.
    private func dispatch(isDue: Bool) async throws {
        if isDue {
            while try await store.promote() {}
            try await notePromoted()
        }
        var isMore = clock.now >= stoppedUntil && book.hasRoom(at: clock.now)
        var isHeldUp = false
        while isMore {
            isMore = false
            isHeldUp = false
            let isUp = book.routes.indices.map { weather.isUp(route: $0, at: clock.now) }
            for fax in try await store.queuedFaxes(limit: 32) {
                if let opening = fax.hours?.next(at: clock.now), opening > clock.now {
                    try await store.postpone(fax.id, until: opening)
                    isMore = true
                } else if let route = book.take(preferred: fax.route, isUp: isUp, at: clock.now) {
                    try await call(fax.id, by: route)
                } else {
                    isHeldUp = true
                }
            }
        }
        let moments = [
            try await store.nextWake(), isHeldUp || !book.hasRoom(at: clock.now) ? book.nextPlace(after: clock.now) : nil,
            stoppedUntil > clock.now ? stoppedUntil : nil,
        ]
        guard let next = moments.compactMap({ $0 }).min() else { return }
        let moment = max(next, clock.now.advanced(by: .milliseconds(10)))
        guard wakeAt.map({ moment < $0 }) ?? true else { return }
        wakeAt = moment
        queue.plan(.wake, at: moment)
    }

    // MARK: Notes

    /// Something happened to a fax.
    func note(_ id: FaxID, _ what: String) {
        digest.add(clock.now.milliseconds)
        digest.add(Int64(faxes[id]?.ordinal ?? -1))
        digest.add(what)
    }

    /// The store says what state a fax is in now.
    func enter(_ state: FaxState, _ id: FaxID) {
        guard var fax = faxes[id], fax.state != state else { return }
        referee.expect(!fax.state.isTerminal, "fax \(fax.ordinal): \(fax.state) became \(state)")
        fax.state = state
        if state == .queued, fax.queuedAt == nil { fax.queuedAt = clock.now }
        if state.isTerminal { fax.endedAt = clock.now }
        faxes[id] = fax
        note(id, state.rawValue)
        switch state {
        case .held, .unknown: queue.plan(.person(id), at: clock.now.advanced(by: random.seconds(900...28_800)))
        case .accepted: queue.plan(.render(id), at: clock.now)
        default: break
        }
    }

    /// ``FaxStore/promote(limit:)`` does not say which faxes it moved along; the events do.
    private func notePromoted() async throws {
        while true {
            let events = try await store.events(after: lastEvent, limit: 2000)
            for event in events {
                lastEvent = event.id
                guard event.at == clock.now, let fax = faxes[event.fax] else { continue }
                switch (event.type, fax.state) {
                case ("fax.failed", .queued), ("fax.failed", .scheduled): enter(.failed, event.fax)
                case ("fax.queued", .scheduled): enter(.queued, event.fax)
                default: break
                }
            }
            guard events.count == 2000 else { return }
        }
    }

    private var lastEvent: Int64 = 0
}

/// The retry policy as the store asks it, in a transaction.
final class Decider: Sendable {
    private let random: Mutex<SeededRandom>
    private let last = Mutex<(RetryDecision, notAfter: Timestamp)?>(nil)

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

    func decide(_ call: FaxStore.EndedCall, at now: Timestamp) -> RetryDecision {
        let facts = AttemptFacts(
            confirmed: call.fax.pagesConfirmed, retryAfter: call.report.retryAfter, routes: SimulatedWeek.limits.count,
            othersUnanswered: call.othersUnanswered, isReducible: call.fax.resolution != .standard)
        let decision = random.withLock {
            RetryPolicy().decide(
                after: call.outcome, facts: facts, progress: call.fax.progress, terms: call.fax.terms, notAfter: call.fax.notAfter,
                now: now,
                using: &$0)
        }
        last.withLock { $0 = (decision, call.fax.notAfter) }
        return decision
    }

    /// What was decided last, and the kill time of the fax that it was about.
    var decision: (RetryDecision, notAfter: Timestamp)? { last.withLock { $0 } }
}

/// A route's limits are what the simulation takes from it; its calls are events.
private struct SimulatedLine: Backend {
    let name = "simulation"
    let associate: String? = nil

    func send(_ call: OutboundCall, report: @escaping @Sendable (CallProgress) async throws -> Void) async -> AttemptResult {
        AttemptResult(.notDialled, evidence: "no call leaves a simulation")
    }
}
