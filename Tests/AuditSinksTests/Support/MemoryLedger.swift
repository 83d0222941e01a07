import AuditSinks
import Synchronization

/// A ledger for pumps: records of which some are committed, and the position that was saved.
final class MemoryLedger: Sendable {
    let records: [AuditRecord]
    private let state: Mutex<(published: Int, saved: SinkPosition, saves: Int, failingSaves: Int)>

    init(_ records: [AuditRecord], saved: SinkPosition = .start) {
        self.records = records
        state = Mutex((0, saved, 0, 0))
    }

    var saved: SinkPosition { state.withLock { $0.saved } }
    var saves: Int { state.withLock { $0.saves } }

    /// Commits the first so many records.
    func publish(upTo count: Int) {
        state.withLock { $0.published = min(count, records.count) }
    }

    func failSaves(_ count: Int) {
        state.withLock { $0.failingSaves = count }
    }

    var source: SinkSource {
        SinkSource(
            next: { position, limit in
                let published = self.state.withLock { $0.published }
                let after = self.records[..<published].filter { position.advanced(over: [$0]) != position }
                return Array(after.prefix(limit))
            },
            advance: { position in
                try self.state.withLock {
                    if $0.failingSaves > 0 {
                        $0.failingSaves -= 1
                        throw DatabaseAway(secret: "hunter2")
                    }
                    $0.saved = position
                    $0.saves += 1
                }
            })
    }

    struct DatabaseAway: Error {
        let secret: String
    }
}
