import Access
package import FaxModel
import Ledger
package import Logging
package import Store
import Synchronization

/// Puts refusals on the record: who floods the server with bad keys must not fill its disk with events.
///
/// Of one kind there is one event in ten seconds; it says how many there were since the last. One kind is: who it was, what for and from
/// where, when a good credential was shown; else just from where. An IPv6 address stands for its /64, as in ``RequestLimits``. Of all kinds
/// together there are ten events a second; what is beyond is counted under the address `several`.
package final class RefusalRecord: Sendable {
    /// What was refused, in the words of the log: fail2ban and its like read them.
    enum Reason: String, Sendable {
        case unauthorized, forbidden
        case rateLimited = "rate_limited"
    }

    private struct Key: Hashable {
        let action: LedgerAction
        /// `several`: of more than can be told apart.
        let address: String
        var kind = Initiator.Kind.anonymous
        var id = ""
        var object = "access"
        var details: [String: LedgerValue] = [:]

        /// Whether a good credential was shown: what a stranger writes must not make kinds.
        var isKnown: Bool { kind == .key || kind == .person }

        static func several(_ action: LedgerAction) -> Key { Key(action: action, address: "several") }
    }

    private struct Entry {
        var recordedAt: Timestamp
        /// Since then.
        var waiting = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
    }

    private static let interval = Duration.seconds(10)
    /// Of kinds that are told apart; what is of others is counted together. As many again for good credentials: strangers do not crowd
    /// them out.
    private static let capacity = 1000
    /// Events in an interval of ten seconds, for each of strangers and good credentials.
    private static let most = 50

    private let store: FaxStore
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())
    /// Lines of an address: enough for whoever counts them, too few to fill a disk.
    private let lines: RateLimiter
    private let events: RateLimiter

    package init(store: FaxStore, clock: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.clock = clock
        lines = RateLimiter(RateLimit(60, per: .seconds(60)), clock: clock)
        events = RateLimiter(RateLimit(Self.most, per: Self.interval), clock: clock)
    }

    /// Notes a refusal. It stands whether or not it could be recorded.
    /// - Parameter details: what the event says beside the count, if there is one.
    func note(
        _ action: LedgerAction, _ reason: Reason, by initiator: Initiator, object: String, details: [String: LedgerValue] = [:],
        logger: Logger
    ) async {
        let address = initiator.address ?? "unknown"
        let subscriber = NetworkAddress(address)?.subscriber.description ?? address
        if lines.check(subscriber) == .allowed {
            // Just these two facts: a line that others read has one form.
            var plain = logger
            plain[metadataKey: "hb.request.id"] = nil
            plain.warning("access refused", metadata: ["address": "\(address)", "reason": "\(reason.rawValue)"])
        }
        var key = Key(action: action, address: subscriber, kind: initiator.kind)
        if key.isKnown {
            (key.id, key.object, key.details) = (initiator.id, object, details)
        } else {
            key.kind = .anonymous
        }
        guard let (taken, count) = take(key) else { return }
        guard taken == key else {
            await record(taken, count, logger)
            return
        }
        var details = details
        details["count"] = .integer(Int64(count))
        let place = Initiator(
            initiator.kind, id: initiator.id, client: initiator.client, address: count == 1 ? address : subscriber,
            reason: initiator.reason, requestID: initiator.requestID)
        await record(LedgerEvent(action, object: object, by: place, outcome: .denied, details: details), logger)
    }

    /// Writes what was counted and not yet recorded, now and then and at the end.
    package func flush(logger: Logger) async {
        let now = clock()
        let due = state.withLock { state in
            let old = state.entries.filter { $0.value.recordedAt.advanced(by: Self.interval) <= now }
            for key in old.keys { state.entries[key] = nil }
            var due: [Key: Int] = [:]
            for (key, entry) in old where entry.waiting > 0 {
                due[mayRecord(key) ? key : .several(key.action), default: 0] += entry.waiting
            }
            return due
        }
        for (key, count) in due { await record(key, count, logger) }
    }

    /// How many happened since the last event and under what they are counted, or nil when it is too early for another one.
    private func take(_ wanted: Key) -> (key: Key, count: Int)? {
        let now = clock()
        return state.withLock { state in
            var key = wanted
            if state.entries[key] == nil {
                let capacity = key.isKnown ? 2 * Self.capacity : Self.capacity
                if state.entries.count >= capacity {
                    state.entries = state.entries.filter { $0.value.waiting > 0 || now < $0.value.recordedAt.advanced(by: Self.interval) }
                }
                if state.entries.count >= capacity || !mayRecord(key) { key = .several(key.action) }
            }
            guard let entry = state.entries[key] else {
                state.entries[key] = Entry(recordedAt: now)
                return (key, 1)
            }
            guard entry.recordedAt.advanced(by: Self.interval) <= now, key != wanted || mayRecord(key) else {
                state.entries[key]?.waiting += 1
                return nil
            }
            state.entries[key] = Entry(recordedAt: now)
            return (key, entry.waiting + 1)
        }
    }

    /// Whether one more event is within the bound; those of `several` are few by themselves.
    private func mayRecord(_ key: Key) -> Bool {
        key == .several(key.action) || events.check(key.isKnown ? "known" : "strangers") == .allowed
    }

    private func record(_ key: Key, _ count: Int, _ logger: Logger) async {
        let details = key.details.merging(["count": .integer(Int64(count))]) { $1 }
        await record(
            LedgerEvent(
                key.action, object: key.object, by: Initiator(key.kind, id: key.id, client: "api", address: key.address), outcome: .denied,
                details: details), logger)
    }

    private func record(_ event: LedgerEvent, _ logger: Logger) async {
        do {
            try await store.record(event)
        } catch {
            logger.error("a refusal could not be recorded", metadata: ["error": "\(error)"])
        }
    }
}
