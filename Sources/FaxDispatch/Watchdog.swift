package import FaxModel
package import Logging
package import Store

/// Finds what has not moved past its deadline, and says so: once for each fax, by an event, in the metrics and in the log.
///
/// It only looks. Whatever it finds is a failure of something else: a line that is down, a worker that hangs, a person who was not told.
package actor Watchdog {
    /// How long a fax may stand where it is.
    package struct Deadlines: Sendable {
        package var rendering = Duration.seconds(15 * 60)
        /// Next in turn for a page worker, while one is free all that time.
        package var renderer = Duration.seconds(15 * 60)
        /// Next in turn for a call, while a line is free all that time; and past the time at which it was to be looked at again.
        package var line = Duration.seconds(15 * 60)
        /// In a call, without a page.
        package var sending = Duration.seconds(30 * 60)
        /// After the moment that the client named.
        package var scheduled = Duration.seconds(15 * 60)
        package var held = Duration.seconds(24 * 3600)
        package var unknown = Duration.seconds(3600)

        package init() {}
    }

    /// Those that are next in turn, since when they are so without a reason to wait.
    private struct Turn {
        var since: [FaxID: Timestamp] = [:]

        /// Those that are overdue by `deadline`.
        mutating func look(_ faxes: [FaxStore.StandingFax], isFree: Bool, at now: Timestamp, deadline: Duration) -> [FaxStore.StandingFax] {
            guard isFree else {
                since = [:]
                return []
            }
            let before = since
            since = Dictionary(faxes.map { ($0.id, before[$0.id] ?? now) }) { first, _ in first }
            return faxes.filter { (since[$0.id] ?? now).advanced(by: deadline) <= now }
        }
    }

    /// Looks that are further apart than this tell nothing of the time between them.
    private static let longestGap = Duration.seconds(5 * 60)

    private let store: FaxStore
    private let deadlines: Deadlines
    private let renderers: Int
    private let calls: Int
    /// Of each kind, in one look.
    private let limit: Int
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private var forLine = Turn()
    private var forRenderer = Turn()
    private var lastLook: Timestamp?
    /// Messages to webhooks that were given up before this were told of.
    private var messagesSeen: Timestamp?

    /// - Parameters:
    ///   - renderers: page workers at the same time.
    ///   - calls: at the same time; 0: none is made, and nobody waits for a line.
    package init(
        store: FaxStore, renderers: Int, calls: Int, deadlines: Deadlines = Deadlines(), limit: Int = 100,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.renderers = renderers
        self.calls = calls
        self.deadlines = deadlines
        self.limit = limit
        self.clock = clock
        self.logger = logger
    }

    /// Looks once. To be called each minute: what waits for its turn is known by having been there at every look.
    /// - Returns: the faxes that have stalled since the last look.
    @discardableResult
    package func look() async throws -> [FaxID] {
        let now = clock()
        if let lastLook, lastLook.advanced(by: Self.longestGap) < now || now < lastLook { (forLine, forRenderer) = (Turn(), Turn()) }
        lastLook = now
        let messagesSeen = messagesSeen ?? now
        func before(_ duration: Duration) -> Timestamp { now.advanced(by: .zero - duration) }
        let seen = try await store.standing(
            FaxStore.Deadlines(
                states: [
                    .rendering: before(deadlines.rendering), .sending: before(deadlines.sending), .held: before(deadlines.held),
                    .unknown: before(deadlines.unknown),
                ], scheduled: before(deadlines.scheduled), lanes: before(deadlines.line), messages: messagesSeen..<max(messagesSeen, now)),
            limit: limit)
        self.messagesSeen = max(messagesSeen, now)
        let late =
            seen.overdue
            + forLine.look(seen.readyForLine, isFree: seen.calls < calls, at: now, deadline: deadlines.line)
            + forRenderer.look(seen.readyForRenderer, isFree: seen.renderings < renderers, at: now, deadline: deadlines.renderer)
        let stalled = try await store.stall(late)
        for fax in stalled {
            let minutes = (now.milliseconds - fax.movedAt.milliseconds) / 60_000
            logger.warning(
                "a fax does not move", metadata: ["fax": "\(fax.id)", "state": "\(fax.state.rawValue)", "minutes": "\(minutes)"])
        }
        if seen.deadMessages > 0 {
            logger.warning("messages to webhooks were given up", metadata: ["messages": "\(seen.deadMessages)"])
        }
        return stalled.map(\.id)
    }
}
