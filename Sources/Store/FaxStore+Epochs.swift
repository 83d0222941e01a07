import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
package import Vault

extension FaxStore {
    /// Epochs beside the months: their names begin with a word, then 24 random hexadecimal digits.
    enum OwnEpoch: String {
        /// The documents of one fax (zero retention).
        case fax
        /// Documents under a legal hold.
        case hold

        /// A new name.
        func name() throws -> EpochName {
            let random = (0..<12).map { _ in UInt8.random(in: .min ... .max) }
            let text = "\(rawValue)-\(FaxStore.hex(random))"
            guard let name = EpochName(text) else { throw StoreFailure.damagedRow(table: "keys", row: text) }
            return name
        }

        /// The kind of an epoch, nil for a month.
        init?(_ epoch: EpochName) {
            guard let dash = epoch.rawValue.firstIndex(of: "-"), let kind = OwnEpoch(rawValue: String(epoch.rawValue[..<dash])) else {
                return nil
            }
            self = kind
        }
    }

    /// How long after its month an epoch is kept although nothing is sealed under it, and how long one that was made and not yet used:
    /// a document that is being written has no row yet.
    static let epochGrace = Duration.seconds(48 * 3600)

    /// The epoch under which documents of this moment are sealed; its key is made and durable before it is first used.
    package func currentEpoch() async throws -> EpochName {
        let month = clock().month
        guard let epoch = EpochName(month) else { throw StoreFailure.damagedRow(table: "keys", row: month) }
        return try await adopt(epoch)
    }

    /// A new epoch for the documents of one fax: destroying its key destroys them and nothing else.
    package func epochOfOneFax() async throws -> EpochName {
        try await adopt(try OwnEpoch.fax.name())
    }

    /// The epoch for what is made of an upload: that of the upload where it has one of its own or is held, else the month's.
    package func epoch(beside upload: DocumentID) async throws -> EpochName {
        let epoch = try await document(upload).epoch
        return OwnEpoch(epoch) == nil ? try await currentEpoch() : epoch
    }

    /// Takes an epoch into use, making its key if there is none.
    func adopt(_ epoch: EpochName) async throws -> EpochName {
        if keyRing.epochs.contains(epoch) { return epoch }
        let now = clock()
        let wrapped = try keyRing.makeEpoch(named: epoch)
        // Of two requests that find the month new, the first one's key stays.
        let stored = try await commit { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO keys (name, wrapped, wrapped_by, created_at) VALUES (?, ?, ?, ?)",
                arguments: [epoch.rawValue, Data(wrapped.sealed), wrapped.wrappedBy.rawValue, now.milliseconds])
            return try Row.fetchOne(
                database, sql: "SELECT wrapped, wrapped_by, destroyed_at FROM keys WHERE name = ?", arguments: [epoch.rawValue]
            ).map { row in
                guard row["destroyed_at"] as Int64? == nil else { throw StoreFailure.destroyedEpoch(epoch) }
                return WrappedEpochKey(
                    epoch: epoch, wrappedBy: try Self.wrapper(row, epoch.rawValue), sealed: Array(row["wrapped"] as Data))
            }
        }
        guard let stored else { throw StoreFailure.damagedRow(table: "keys", row: epoch.rawValue) }
        try keyRing.adopt(stored)
        return epoch
    }

    /// Epochs that are over and under which nothing is sealed that was not shredded: their keys can be destroyed.
    package func epochsToDestroy() async throws -> [EpochName] {
        let settled = clock().advanced(by: .zero - Self.epochGrace)
        return try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM keys
                    WHERE destroyed_at IS NULL AND name NOT LIKE 'root/%'
                        AND CASE WHEN name GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]' THEN name < :month ELSE created_at < :settled END
                        AND NOT EXISTS (SELECT 1 FROM documents WHERE epoch = keys.name AND shredded_at IS NULL)
                        AND NOT EXISTS (SELECT 1 FROM receptions WHERE epoch = keys.name)
                    ORDER BY name
                    """, arguments: ["month": settled.month, "settled": settled.milliseconds]
            ).compactMap { EpochName($0) }
        }
    }

    /// Destroys an epoch's key, with its certificate (45 CFR 164.310(d)(2)(i)), unless something is sealed under it again.
    /// - Returns: whether it was destroyed by this call.
    package func destroy(_ epoch: EpochName, by initiator: Initiator) async throws -> Bool {
        let now = clock()
        let isDestroyed = try await commit { [ledger] in
            try Self.destroy(epoch, by: initiator, now: now, ledger: ledger, in: $0)
        }
        if isDestroyed { keyRing.forget(epoch) }
        return isDestroyed
    }

    /// The row stays, so that the name is never used again and shredded documents can say what opened them.
    static func destroy(
        _ epoch: EpochName, by initiator: Initiator, now: Timestamp, ledger: LedgerBook, in database: Database
    ) throws -> Bool {
        try database.execute(
            sql: """
                UPDATE keys SET wrapped = x'', destroyed_at = ? WHERE name = ? AND destroyed_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM documents WHERE epoch = keys.name AND shredded_at IS NULL)
                    AND NOT EXISTS (SELECT 1 FROM receptions WHERE epoch = keys.name)
                """, arguments: [now.milliseconds, epoch.rawValue])
        guard database.changesCount == 1 else { return false }
        let documents = try Int64.fetchOne(
            database, sql: "SELECT count(*) FROM documents WHERE epoch = ?", arguments: [epoch.rawValue])
        try ledger.append(
            LedgerEvent(
                .epochDestroyed, object: "epoch/\(epoch)", by: initiator, details: ["documents": .integer(documents ?? 0)]),
            in: database)
        return true
    }
}
