import FoundationEssentials
import GRDB
import Ledger

/// What the ledger in a database is, hashed from its first leaf on.
struct LedgerMeasure: Sendable, Hashable {
    /// Leaves.
    let size: Int64
    let root: MerkleHash
    /// The newest checkpoint's note.
    let note: String?

    /// Hashes every leaf and compares each checkpoint with the tree at its size. Blocks: about a second for 500,000 events.
    /// - Throws: ``BackupFailure/ledgerDiffers(_:)``, the database's error.
    init(of database: Database) throws {
        var frontier = Frontier()
        let first = try Int64.fetchOne(database, sql: "SELECT min(seq) FROM ledger") ?? 0
        // A pruned ledger goes on from the checkpoint up to which it was pruned.
        if first > 0 {
            guard
                let roots = try Data.fetchOne(
                    database, sql: "SELECT frontier FROM ledger_checkpoints WHERE size = ? ORDER BY id DESC", arguments: [first]),
                let pruned = Frontier(size: first, encodedRoots: Array(roots))
            else { throw BackupFailure.ledgerDiffers("it begins at event \(first), of which there is no checkpoint") }
            frontier = pruned
        }
        var newest: String?
        let notes = try Row.fetchCursor(
            database, sql: "SELECT size, note FROM ledger_checkpoints WHERE size >= ? ORDER BY size, id", arguments: [first])
        var note = try notes.next()
        func compareNotes() throws {
            while let row = note, row["size"] == frontier.size {
                let text: String = row["note"]
                guard let checkpoint = SignedNote(Array(text.utf8)).flatMap({ Checkpoint(text: $0.text) }),
                    checkpoint.size == frontier.size, checkpoint.root == frontier.root
                else { throw BackupFailure.ledgerDiffers("the checkpoint at \(frontier.size) events has another root") }
                newest = text
                note = try notes.next()
            }
        }
        try compareNotes()
        let leaves = try Row.fetchCursor(database, sql: "SELECT seq, leaf FROM ledger ORDER BY seq")
        while let row = try leaves.next() {
            guard row["seq"] == frontier.size else { throw BackupFailure.ledgerDiffers("event \(frontier.size) is missing") }
            frontier.append(MerkleHash(leaf: row["leaf"] as Data))
            try compareNotes()
        }
        if let row = note {
            throw BackupFailure.ledgerDiffers("a checkpoint saw \(row["size"] as Int64) events, and there are \(frontier.size)")
        }
        size = frontier.size
        root = frontier.root
        self.note = newest
    }
}
