import Crypto
import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
import Vault

extension FaxStore {
    /// What a rewrapping did.
    package struct Rewrapping: Sendable, Equatable {
        /// Rows that this call put under the current key-encryption key.
        package var rewrapped: Int
        /// Rows that are still under a former one; 0 when the former key file may go.
        package var remaining: Int
    }

    /// Rows of one transaction of a rewrapping.
    static let rewrapBatch = 64

    /// Puts every epoch key and root key that a former key-encryption key wrapped under the current one. Blobs and data keys stay.
    ///
    /// Each batch is one transaction with its event: after a stop, the next call goes on. The last one notes the current key as the data
    /// folder's, so that from then on a start with the former key alone is refused.
    /// - Parameter afterBatch: called after each commit; what it throws ends the call.
    /// - Throws: ``KeyError/wrongKey(expected:found:)`` when the key that wrapped a row is not among those the server was started with.
    package func rewrapKeys(
        by initiator: Initiator, afterBatch: @Sendable (Rewrapping) async throws -> Void = { _ in }
    ) async throws -> Rewrapping {
        var done = Rewrapping(rewrapped: 0, remaining: 0)
        repeat {
            let batch = try await commit { [self] in try rewrapBatch(by: initiator, in: $0) }
            done.rewrapped += batch.rewrapped
            done.remaining = batch.remaining
            try await afterBatch(done)
        } while done.remaining > 0
        return done
    }

    /// Keys that are wrapped by another key-encryption key than the current one.
    package func formerlyWrappedKeys() async throws -> Int {
        try await read { [keyRing] in try Self.remaining(current: keyRing.keyEncryptionKey, in: $0) }
    }

    private static func remaining(current: KeyID, in database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM keys WHERE wrapped_by <> ? AND destroyed_at IS NULL", arguments: [current.rawValue]) ?? 0
    }

    /// One batch: rows that one former key wrapped.
    private func rewrapBatch(by initiator: Initiator, in database: Database) throws -> Rewrapping {
        let current = keyRing.keyEncryptionKey
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT name, wrapped, wrapped_by FROM keys
                WHERE destroyed_at IS NULL AND wrapped_by = (
                    SELECT min(wrapped_by) FROM keys WHERE wrapped_by <> ? AND destroyed_at IS NULL)
                ORDER BY name LIMIT ?
                """, arguments: [current.rawValue, Self.rewrapBatch])
        for row in rows {
            let name: String = row["name"]
            let sealed = try rewrapped(name, by: try Self.wrapper(row, name), Array(row["wrapped"] as Data))
            try database.execute(
                sql: "UPDATE keys SET wrapped = ?, wrapped_by = ? WHERE name = ?", arguments: [Data(sealed), current.rawValue, name])
        }
        if let former = rows.first?["wrapped_by"] as String? {
            try ledger.append(
                LedgerEvent(
                    .keysRewrapped, object: "keys", by: initiator,
                    details: ["count": .integer(Int64(rows.count)), "from": .text(former), "to": .text(current.rawValue)]), in: database)
        }
        let remaining = try Self.remaining(current: current, in: database)
        if remaining == 0 {
            try database.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('key_id', ?)", arguments: [Data(current.rawValue.utf8)])
        }
        return Rewrapping(rewrapped: rows.count, remaining: remaining)
    }

    private func rewrapped(_ name: String, by wrapper: KeyID, _ sealed: [UInt8]) throws -> [UInt8] {
        if let root = RootKey.allCases.first(where: { Self.row(of: $0) == name }) {
            return try keyRing.rewrap(WrappedRootKey(root: root, wrappedBy: wrapper, sealed: sealed)).sealed
        }
        guard let epoch = EpochName(name) else { throw StoreFailure.damagedRow(table: "keys", row: name) }
        return try keyRing.rewrap(WrappedEpochKey(epoch: epoch, wrappedBy: wrapper, sealed: sealed)).sealed
    }

    /// The name of a root key's row.
    static func row(of root: RootKey) -> String { "root/\(root.rawValue)" }

    /// Gives the audit ledger a new signing key, for which the old one vouches in a leaf; the old one is destroyed.
    ///
    /// Checkpoints made so far stay good: their verifier key is found in the leaves (`ledger.begun`, `ledger.key_changed`).
    /// - Returns: the new verifier key, which an auditor keeps beside the old one.
    /// - Throws: ``LedgerBook/Unavailable``, ``StoreFailure/ledgerIsOff``.
    package func rotateLedgerKey(by initiator: Initiator) async throws -> VerifierKey {
        let made = try keyRing.makeRoot(.ledgerSigning)
        let seed = Array(try keyRing.ledgerSigningKey(in: made).rawRepresentation)
        guard let newKey = LedgerKey(origin: ledger.key.origin, seed: seed) else {
            throw StoreFailure.damagedRow(table: "meta", row: "ledger_origin")
        }
        let now = clock()
        try await commit { [ledger] database in
            try ledger.changeKey(to: newKey, by: initiator, in: database)
            try database.execute(
                sql: "UPDATE keys SET wrapped = ?, wrapped_by = ?, created_at = ? WHERE name = ?",
                arguments: [Data(made.sealed), made.wrappedBy.rawValue, now.milliseconds, Self.row(of: .ledgerSigning)])
            guard database.changesCount == 1 else {
                throw StoreFailure.damagedRow(table: "keys", row: Self.row(of: .ledgerSigning))
            }
        }
        try keyRing.replace(made)
        return newKey.verifier
    }
}
