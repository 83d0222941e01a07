import Backends
import FaxModel
import Ledger
import Logging
import Store

/// Puts refused calls on the record: whoever dials a number that leads nowhere must not fill the ledger.
///
/// Of one number, trunk and cause there is one event a minute, which says how many calls there were since the last. Of numbers that were
/// never ours at most twenty are told apart; what is beyond is counted as `number/several`.
actor InboundRefusals {
    private struct Key: Hashable {
        /// The number's pseudonym; nil for several.
        let number: String?
        let trunk: String
        let cause: String
    }

    private struct Entry {
        var recordedAt: Timestamp
        /// Since then.
        var waiting = 0
    }

    static let interval = Duration.seconds(60)
    /// Numbers that were never ours and are told apart within an interval.
    static let mostUnknown = 20

    private let store: FaxStore
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private var entries: [Key: Entry] = [:]

    init(store: FaxStore, clock: @escaping @Sendable () -> Timestamp, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Notes a refusal; it is durable when this returns, or counted. It stands whether or not it could be recorded.
    func note(_ call: InboundCall, _ cause: Admission) async {
        let now = clock()
        let word = Self.word(cause)
        guard let number = try? store.pseudonym(number: call.to) else { return }
        var key = Key(number: number, trunk: call.trunk, cause: word)
        if entries[key] == nil {
            entries = entries.filter { $0.value.waiting > 0 || now < $0.value.recordedAt.advanced(by: Self.interval) }
            let isKnown = cause == .retiredNumber
            if !isKnown, entries.keys.count(where: { $0.number != nil && $0.cause != Self.word(.retiredNumber) }) >= Self.mostUnknown {
                key = Key(number: nil, trunk: call.trunk, cause: word)
            }
        }
        if let entry = entries[key], now < entry.recordedAt.advanced(by: Self.interval) {
            entries[key]?.waiting += 1
            return
        }
        let count = 1 + (entries[key]?.waiting ?? 0)
        entries[key] = Entry(recordedAt: now)
        if cause == .retiredNumber {
            logger.warning("a call for a retired number was refused: its caller has an old address", metadata: ["trunk": "\(call.trunk)"])
        }
        await record(key, count, from: key.number == nil || call.from.isEmpty ? nil : try? store.pseudonym(number: call.from))
    }

    /// Writes what was counted and not yet recorded.
    func flush() async {
        let waiting = entries.filter { $0.value.waiting > 0 }
        let now = clock()
        for (key, entry) in waiting {
            entries[key] = Entry(recordedAt: now)
            await record(key, entry.waiting, from: nil)
        }
    }

    private func record(_ key: Key, _ count: Int, from: String?) async {
        var details: [String: LedgerValue] = [
            "cause": .text(key.cause), "trunk": .text(key.trunk), "count": .integer(Int64(count)),
        ]
        if let from { details["from"] = .text(from) }
        do {
            try await store.record(
                LedgerEvent(
                    .inboundRefused, object: "number/\(key.number ?? "several")", by: Initiator(.carrier, client: "line"),
                    outcome: .denied, details: details))
        } catch {
            logger.error("a refused call could not be recorded", metadata: ["error": "\(error)"])
        }
    }

    private static func word(_ cause: Admission) -> String {
        switch cause {
        case .accepted: "accepted"
        case .unknownNumber: "unknown_number"
        case .retiredNumber: "retired_number"
        case .notReceiving: "not_receiving"
        }
    }
}
