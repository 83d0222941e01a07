import Crypto
import FaxModel
import FoundationEssentials
import GRDB
import Ledger
import Vault

/// How a start opens the ledger.
package struct LedgerOptions: Sendable {
    /// `AUDIT_LOG_ENABLED`. False only outside of the production profile.
    package var isEnabled: Bool
    /// What the anchor outside of the database says.
    package var anchor: Anchor
    /// Why an operator lets a server start whose ledger is shorter than it was: an `AccessReason` or a ticket.
    package var acceptedRollback: String?

    package init(isEnabled: Bool = true, anchor: Anchor = .none, acceptedRollback: String? = nil) {
        self.isEnabled = isEnabled
        self.anchor = anchor
        self.acceptedRollback = acceptedRollback
    }

    /// The anchor file, where there is to be one.
    package enum Anchor: Sendable, Hashable {
        /// No setting names one.
        case none
        /// It is not there, or has nothing in it.
        case missing
        /// The size of its newest checkpoint.
        case size(Int64)
    }
}

/// Why the server does not start on this ledger.
package enum LedgerRefusal: Error, Equatable, CustomStringConvertible {
    /// A checkpoint or an anchor saw more leaves than there are.
    case rolledBack(size: Int64, expected: Int64)
    /// Checkpoints were written to the anchor, and it is gone: a volume that is not mounted would hide a rollback.
    case anchorMissing
    /// The leaves, the frontier or the checkpoint contradict each other, or the checkpoint's signature is not this ledger's.
    case damaged(String)

    package var description: String {
        switch self {
        case .rolledBack(let size, let expected):
            """
            The audit ledger has \(size) events, but a checkpoint saw \(expected): an older copy of the database is in place, or events were \
            removed. Find out which. To go on with what is there, on the record, start once with --accept-ledger-rollback REFERENCE.
            """
        case .anchorMissing:
            """
            The anchor file (FAXLOCK_AUDIT_ANCHOR_FILE) is missing or empty, although checkpoints were written to it: is its volume mounted, \
            and the setting right? Copy the file to its new place if it moved. To go on without it, on the record, start once with \
            --accept-ledger-rollback REFERENCE.
            """
        case .damaged(let what):
            """
            The audit ledger is damaged: \(what). Export and verify it (docs/ledger.md), keep this folder as evidence, and restore a backup.
            """
        }
    }
}

extension LedgerBook {
    /// Opens the ledger of a database: from the last checkpoint's frontier on, every leaf is hashed again.
    ///
    /// What lies before the last checkpoint is vouched for by its signature and read by the verifier (`faxlock audit verify`), not at each
    /// start: six years of events would take minutes.
    /// - Throws: ``LedgerRefusal``.
    static func open(
        in database: Database, ring: KeyRing, options: LedgerOptions, clock: @escaping @Sendable () -> Timestamp
    ) throws -> LedgerBook {
        let key = try ledgerKey(ring, in: database)
        var state = try checkpointed(key, in: database)
        let past = try Int64.fetchOne(database, sql: "SELECT coalesce(max(seq) + 1, 0) FROM ledger") ?? 0
        var lost: Int64?
        if past < state.frontier.size {
            guard options.acceptedRollback != nil else { throw LedgerRefusal.rolledBack(size: past, expected: state.frontier.size) }
            lost = state.frontier.size
            // The frontier of the shorter ledger can only be had from its beginning.
            state.frontier = Frontier()
            try setAside(beyond: past, in: database)
        }
        try hash(into: &state.frontier, in: database)
        switch options.anchor {
        case .none: break
        case .missing:
            let told = try Int64.fetchOne(database, sql: "SELECT checkpoint FROM sink_positions WHERE sink = 'anchor'") ?? -1
            guard told < 0 || options.acceptedRollback != nil else { throw LedgerRefusal.anchorMissing }
            if told >= 0 { lost = max(lost ?? 0, told) }
        case .size(let anchored):
            // Once accepted, the same line of the file is no new rollback.
            guard anchored > state.frontier.size, try anchored != accepted(in: database) else { break }
            guard options.acceptedRollback != nil else { throw LedgerRefusal.rolledBack(size: state.frontier.size, expected: anchored) }
            lost = max(lost ?? 0, anchored)
        }
        let book = LedgerBook(state: state, isEnabled: options.isEnabled, clock: clock)
        if state.frontier.size == 0 {
            try book.append(
                LedgerEvent(
                    .ledgerBegun, object: "ledger", by: .system, details: ["key": .text("\(key.verifier)"), "origin": .text(key.origin)]),
                in: database)
        }
        if let lost {
            try book.append(
                LedgerEvent(
                    .ledgerRollbackAccepted, object: "ledger", by: .system,
                    details: ["expected": .integer(lost), "reference": .text(options.acceptedRollback ?? "")]), in: database)
            // From here on this is the newest: the next start does not ask again.
            try book.checkpoint(in: database)
            // What waits in an older copy may have been sent after it was made: ``FaxStore/recoverAfterStop()`` holds it.
            for (name, value) in [("ledger_rollback", "\(lost)"), ("hold_after_rollback", "1")] {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", arguments: [name, Data(value.utf8)])
            }
        }
        return book
    }

    /// The size of the last rollback that was accepted; nil without one.
    private static func accepted(in database: Database) throws -> Int64? {
        try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'ledger_rollback'")
            .flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    /// Checkpoints over more events than there are stay as evidence, under negative sizes, by which nothing finds them; and sinks are told
    /// what comes in the place of the events that are gone.
    private static func setAside(beyond size: Int64, in database: Database) throws {
        try database.execute(sql: "UPDATE ledger_checkpoints SET size = -size WHERE size > ?", arguments: [size])
        try database.execute(
            sql: "UPDATE sink_positions SET event = min(event, ?), checkpoint = min(checkpoint, ?)", arguments: [size - 1, size])
    }

    /// The key that signs, under the ledger's name, which is chosen once.
    private static func ledgerKey(_ ring: KeyRing, in database: Database) throws -> LedgerKey {
        var name = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'ledger_origin'")
            .map { String(decoding: $0, as: UTF8.self) }
        if name == nil {
            let random = UInt64.random(in: .min ... .max)
            let made = "faxlock/" + String(repeating: "0", count: random.leadingZeroBitCount / 4) + String(random, radix: 16)
            try database.execute(sql: "INSERT INTO meta (name, value) VALUES ('ledger_origin', ?)", arguments: [Data(made.utf8)])
            name = made
        }
        let seed = Array(try ring.ledgerSigningKey().rawRepresentation)
        guard let name, let key = LedgerKey(origin: name, seed: seed) else { throw LedgerRefusal.damaged("its name is not one") }
        return key
    }

    /// The state at the last checkpoint, if its signature and its frontier are good.
    private static func checkpointed(_ key: LedgerKey, in database: Database) throws -> State {
        guard
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM ledger_checkpoints ORDER BY id DESC LIMIT 1")
        else { return State(key: key) }
        let size: Int64 = row["size"]
        guard let note = SignedNote(Array((row["note"] as String).utf8)), let checkpoint = Checkpoint(text: note.text),
            note.isSigned(by: key.verifier), checkpoint.origin == key.origin
        else { throw LedgerRefusal.damaged("the checkpoint at \(size) events is not signed by this ledger's key") }
        guard let frontier = Frontier(size: size, encodedRoots: Array(row["frontier"] as Data)), checkpoint.size == size,
            frontier.root == checkpoint.root
        else { throw LedgerRefusal.damaged("the checkpoint at \(size) events does not fit its tree") }
        return State(key: key, frontier: frontier, checkpointed: size, lastCheckpoint: Timestamp(milliseconds: row["created_at"]))
    }

    /// Appends the leaves that `frontier` does not have yet.
    private static func hash(into frontier: inout Frontier, in database: Database) throws {
        let rows = try Row.fetchCursor(
            database, sql: "SELECT seq, leaf FROM ledger WHERE seq >= ? ORDER BY seq", arguments: [frontier.size])
        while let row = try rows.next() {
            guard row["seq"] == frontier.size else { throw LedgerRefusal.damaged("event \(frontier.size) is missing") }
            frontier.append(MerkleHash(leaf: row["leaf"] as Data))
        }
    }
}
