import Access
package import FaxModel
import Ledger
package import Logging
package import Store
import Synchronization

/// Puts refusals on the record: who floods the server with bad keys must not fill its disk with events.
///
/// Of one kind and address there is one event in ten seconds; it says how many there were since the last.
package final class RefusalRecord: Sendable {
    /// What was refused, in the words of the log: fail2ban and its like read them.
    enum Reason: String, Sendable {
        case unauthorized, forbidden
        case rateLimited = "rate_limited"
    }

    private struct Key: Hashable {
        let action: LedgerAction
        let address: String
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
    /// Of addresses that are told apart; what comes from others is counted together.
    private static let capacity = 1000

    private let store: FaxStore
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())
    /// Lines of an address: enough for whoever counts them, too few to fill a disk.
    private let lines: RateLimiter

    package init(store: FaxStore, clock: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.clock = clock
        lines = RateLimiter(RateLimit(60, per: .seconds(60)), clock: clock)
    }

    /// Notes a refusal. It stands whether or not it could be recorded.
    /// - Parameter details: what the event says beside the count, if there is one.
    func note(
        _ action: LedgerAction, _ reason: Reason, by initiator: Initiator, object: String, details: [String: LedgerValue] = [:],
        logger: Logger
    ) async {
        let address = initiator.address ?? "unknown"
        if lines.check(address) == .allowed {
            // Just these two facts: a line that others read has one form.
            var plain = logger
            plain[metadataKey: "hb.request.id"] = nil
            plain.warning("access refused", metadata: ["address": "\(address)", "reason": "\(reason.rawValue)"])
        }
        guard let (count, place) = take(action, address) else { return }
        var details = details
        details["count"] = .integer(Int64(count))
        let known = Initiator(
            initiator.kind, id: initiator.id, client: initiator.client, address: place, reason: initiator.reason,
            requestID: initiator.requestID)
        await record(LedgerEvent(action, object: object, by: known, outcome: .denied, details: details), logger)
    }

    /// Writes what was counted and not yet recorded, now and then and at the end.
    package func flush(logger: Logger) async {
        let now = clock()
        let due = state.withLock { state in
            let old = state.entries.filter { $0.value.recordedAt.advanced(by: Self.interval) <= now }
            for key in old.keys { state.entries[key] = nil }
            return old.filter { $0.value.waiting > 0 }
        }
        for (key, entry) in due {
            let details: [String: LedgerValue] = ["count": .integer(Int64(entry.waiting))]
            await record(
                LedgerEvent(
                    key.action, object: "access", by: Initiator(.anonymous, client: "api", address: key.address), outcome: .denied,
                    details: details), logger)
        }
    }

    /// How many happened since the last event and of which address they are counted, or nil when it is too early for another one.
    private func take(_ action: LedgerAction, _ address: String) -> (count: Int, address: String)? {
        let now = clock()
        return state.withLock { state in
            var key = Key(action: action, address: address)
            if state.entries[key] == nil, state.entries.count >= Self.capacity {
                state.entries = state.entries.filter { $0.value.waiting > 0 || now < $0.value.recordedAt.advanced(by: Self.interval) }
                if state.entries.count >= Self.capacity { key = Key(action: action, address: "several") }
            }
            guard let entry = state.entries[key] else {
                state.entries[key] = Entry(recordedAt: now)
                return (1, key.address)
            }
            guard entry.recordedAt.advanced(by: Self.interval) <= now else {
                state.entries[key]?.waiting += 1
                return nil
            }
            state.entries[key] = Entry(recordedAt: now)
            return (entry.waiting + 1, key.address)
        }
    }

    private func record(_ event: LedgerEvent, _ logger: Logger) async {
        do {
            try await store.record(event)
        } catch {
            logger.error("a refusal could not be recorded", metadata: ["error": "\(error)"])
        }
    }
}
