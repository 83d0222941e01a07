package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
import Vault

/// What the doctor asks the database.
extension FaxStore {
    /// The newest event of a kind.
    package struct Occasion: Sendable, Equatable {
        package let at: Timestamp
        package let outcome: String
    }

    static let newestOfAction = """
        SELECT at, json_extract(CAST(leaf AS TEXT), '$.outcome') AS outcome FROM ledger WHERE action = ? ORDER BY seq DESC LIMIT 1
        """
    /// In the words of the index `keys_alive`: where each fax has a key of its own, most of the table's are destroyed.
    static let wrappedByOthers = "SELECT count(*) FROM keys WHERE destroyed_at IS NULL AND wrapped_by != ?"

    /// The newest event of each of `actions`; those that never happened are not in it.
    package func newest(_ actions: [LedgerAction]) async throws -> [LedgerAction: Occasion] {
        try await read { database in
            var found: [LedgerAction: Occasion] = [:]
            for action in actions {
                let row = try Row.fetchOne(database.cachedStatement(sql: Self.newestOfAction), arguments: [action.rawValue])
                guard let row else { continue }
                found[action] = Occasion(at: Timestamp(milliseconds: row["at"]), outcome: row["outcome"] ?? "")
            }
            return found
        }
    }

    /// How many keys are not wrapped by the current key-encryption key.
    package func keysWrappedByFormerKeys() async throws -> Int {
        let current = keyRing.keyEncryptionKey.rawValue
        return try await read { database in
            try Int.fetchOne(database, sql: Self.wrappedByOthers, arguments: [current]) ?? 0
        }
    }
}
