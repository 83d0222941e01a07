import FaxModel
import FoundationEssentials
import GRDB
package import Vault

extension FaxStore {
    /// The epoch under which documents of this moment are sealed; its key is made and durable before it is first used.
    package func currentEpoch() async throws -> EpochName {
        let now = clock()
        guard let epoch = EpochName(now.month) else { throw StoreFailure.damagedRow(table: "keys", row: now.month) }
        if keyRing.epochs.contains(epoch) { return epoch }
        let wrapped = try keyRing.makeEpoch(named: epoch)
        // Of two requests that find the month new, the first one's key stays.
        let stored = try await commit { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO keys (name, wrapped, created_at) VALUES (?, ?, ?)",
                arguments: [epoch.rawValue, Data(wrapped.sealed), now.milliseconds])
            return try Data.fetchOne(
                database, sql: "SELECT wrapped FROM keys WHERE name = ?", arguments: [epoch.rawValue])
        }
        guard let stored else { throw StoreFailure.damagedRow(table: "keys", row: epoch.rawValue) }
        try keyRing.adopt(WrappedEpochKey(epoch: epoch, wrappedBy: keyRing.keyEncryptionKey, sealed: Array(stored)))
        return epoch
    }

    /// A document's row.
    /// - Throws: ``StoreFailure/unknownDocument(_:)``.
    package func document(_ id: DocumentID) async throws -> StoredDocument {
        try await read { database in
            let statement = try database.cachedStatement(sql: "SELECT * FROM documents WHERE id = ?")
            guard let row = try Row.fetchOne(statement, arguments: [id.rawValue]),
                let kind = BlobKind(name: row["kind"] as String), let epoch = EpochName(row["epoch"])
            else { throw StoreFailure.unknownDocument(id.rawValue) }
            return StoredDocument(
                id: id, kind: kind, epoch: epoch, wrappedKey: Array(row["wrapped_key"] as Data), size: row["size"],
                sha256: Array(row["sha256"] as Data), createdAt: Timestamp(milliseconds: row["created_at"]))
        }
    }

    /// Which of these documents the database knows: a blob that it does not know was never acknowledged.
    package func knownDocuments(among ids: [DocumentID]) async throws -> Set<DocumentID> {
        try await read { database in
            let statement = try database.cachedStatement(sql: "SELECT 1 FROM documents WHERE id = ?")
            return Set(try ids.filter { try Int.fetchOne(statement, arguments: [$0.rawValue]) != nil })
        }
    }

    static func insert(_ document: StoredDocument, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO documents (id, kind, epoch, wrapped_key, size, sha256, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            document.id.rawValue, document.kind.name, document.epoch.rawValue, Data(document.wrappedKey), document.size,
            Data(document.sha256), document.createdAt.milliseconds,
        ])
    }
}
