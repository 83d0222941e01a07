package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
import Synchronization

/// The ledger's end: where the next event goes. Events are written in the transaction of what they record (45 CFR 164.312(b)).
///
/// Its state changes on the database's writer alone; ``GroupCommit`` takes it back with whatever transaction or savepoint is undone.
package final class LedgerBook: Sendable {
    /// The leaf could not be written, so what it would have recorded did not happen.
    package struct Unavailable: Error, CustomStringConvertible {
        /// What the database said.
        package let cause: any Error
        package var description: String { "the audit ledger cannot be written: \(cause)" }
    }

    /// What an undone transaction takes back.
    struct State: Sendable {
        /// Signs the next checkpoint; a rotation replaces it (``changeKey(to:in:)``).
        var key: LedgerKey
        var frontier = Frontier()
        /// How many leaves the last checkpoint covers.
        var checkpointed: Int64 = 0
        var lastCheckpoint = Timestamp(milliseconds: 0)
    }

    /// The number of leaves.
    package var size: Int64 { state.frontier.size }
    /// When the last checkpoint was signed, and how many leaves it covers.
    package var lastCheckpoint: (size: Int64, at: Timestamp) {
        let state = state
        return (state.checkpointed, state.lastCheckpoint)
    }

    /// Leaves after which a checkpoint is signed in the same transaction.
    static let checkpointInterval: Int64 = 256

    /// Signs checkpoints; its verifier key is what an auditor keeps.
    package var key: LedgerKey { state.key }
    /// False only where somebody turned the ledger off, which the production profile refuses.
    let isEnabled: Bool
    private let clock: @Sendable () -> Timestamp
    private let current: Mutex<State>

    init(state: State, isEnabled: Bool, clock: @escaping @Sendable () -> Timestamp) {
        self.isEnabled = isEnabled
        self.clock = clock
        current = Mutex(state)
    }

    /// For ``GroupCommit``: read before, and set again when what followed was undone.
    var state: State {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Writes an event.
    /// - Throws: ``Unavailable``: the caller's transaction must not go on.
    func append(_ event: LedgerEvent, in database: Database) throws {
        guard isEnabled else { return }
        let now = clock()
        do {
            var state = state
            let sequence = state.frontier.size
            let leaf = Leaf.encode(event, sequence: sequence, at: now)
            try database.cachedStatement(sql: "INSERT INTO ledger (seq, leaf, at, action, object) VALUES (?, ?, ?, ?, ?)")
                .execute(arguments: [sequence, Data(leaf), now.milliseconds, event.action.rawValue, event.object])
            state.frontier.append(MerkleHash(leaf: leaf))
            self.state = state
            if state.frontier.size - state.checkpointed >= Self.checkpointInterval { try checkpoint(in: database) }
        } catch let error as Unavailable {
            throw error
        } catch {
            throw Unavailable(cause: error)
        }
    }

    /// Signs a checkpoint over all leaves so far.
    /// - Throws: ``Unavailable``.
    func checkpoint(in database: Database) throws {
        guard isEnabled else { return }
        let now = clock()
        do {
            var state = state
            let checkpoint = Checkpoint(origin: state.key.origin, size: state.frontier.size, root: state.frontier.root, time: now)
            let note = String(decoding: try checkpoint.signed(by: state.key).bytes, as: UTF8.self)
            try database.cachedStatement(
                sql: "INSERT INTO ledger_checkpoints (size, created_at, note, frontier) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [state.frontier.size, now.milliseconds, note, Data(state.frontier.encodedRoots)])
            state.checkpointed = state.frontier.size
            state.lastCheckpoint = now
            self.state = state
        } catch {
            throw Unavailable(cause: error)
        }
    }
}
