import FaxModel
import FoundationEssentials
import GRDB
package import Vault

extension FaxStore {
    /// A document's row.
    /// - Throws: ``StoreFailure/unknownDocument(_:)``, ``StoreFailure/shredded(id:at:)`` when it or its epoch's key was destroyed.
    package func document(_ id: DocumentID) async throws -> StoredDocument {
        try await read { try Self.document(id, in: $0) }
    }

    static func document(_ id: DocumentID, in database: Database) throws -> StoredDocument {
        let statement = try database.cachedStatement(
            sql: """
                SELECT documents.*, coalesce(documents.shredded_at, keys.destroyed_at) AS gone_at
                FROM documents JOIN keys ON keys.name = documents.epoch WHERE documents.id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [id.rawValue]) else { throw StoreFailure.unknownDocument(id.rawValue) }
        if let gone = row["gone_at"] as Int64? { throw StoreFailure.shredded(id: id, at: Timestamp(milliseconds: gone)) }
        return try document(row)
    }

    static func document(_ row: Row) throws -> StoredDocument {
        let name: String = row["id"]
        guard let id = DocumentID(name), let kind = BlobKind(name: row["kind"] as String), let epoch = EpochName(row["epoch"]) else {
            throw StoreFailure.damagedRow(table: "documents", row: name)
        }
        return StoredDocument(
            id: id, kind: kind, epoch: epoch, wrappedKey: Array(row["wrapped_key"] as Data), size: row["size"],
            sha256: Array(row["sha256"] as Data), createdAt: Timestamp(milliseconds: row["created_at"]))
    }

    /// Which of these documents the database has: a blob of another was never acknowledged, or was shredded.
    package func knownDocuments(among ids: [DocumentID]) async throws -> Set<DocumentID> {
        try await read { database in
            let statement = try database.cachedStatement(sql: "SELECT 1 FROM documents WHERE id = ? AND shredded_at IS NULL")
            return Set(try ids.filter { try Int.fetchOne(statement, arguments: [$0.rawValue]) != nil })
        }
    }

    /// - Throws: ``StoreFailure/destroyedEpoch(_:)``: a document that nothing can open must not be acknowledged.
    static func insert(_ document: StoredDocument, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO documents (id, kind, epoch, wrapped_key, size, sha256, created_at)
                SELECT :id, :kind, name, :key, :size, :sha256, :created FROM keys WHERE name = :epoch AND destroyed_at IS NULL
                """
        ).execute(arguments: [
            "id": document.id.rawValue, "kind": document.kind.name, "key": Data(document.wrappedKey), "size": document.size,
            "sha256": Data(document.sha256), "created": document.createdAt.milliseconds, "epoch": document.epoch.rawValue,
        ])
        guard database.changesCount == 1 else { throw StoreFailure.destroyedEpoch(document.epoch) }
    }

    /// The documents of a fax, sent or received: upload, pages, and what each attempt transmitted.
    static func documents(of fax: FaxID, in database: Database) throws -> [Row] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT * FROM documents WHERE id IN (
                        SELECT document FROM faxes WHERE id = :fax
                        UNION SELECT image FROM faxes WHERE id = :fax AND image IS NOT NULL
                        UNION SELECT image FROM attempts WHERE fax = :fax
                        UNION SELECT document FROM inbound WHERE id = :fax)
                    ORDER BY id
                    """), arguments: ["fax": fax.text])
    }
}
