import FoundationEssentials
import GRDB
import Store
import Vault

/// A copy of the database as a file, outside of any server. Its calls block.
struct DatabaseCopy: Sendable {
    let path: String

    /// What a backup must know of a copy.
    struct Facts: Sendable {
        let ledger: LedgerMeasure
        /// The ledger's name.
        let installation: String
        /// Documents that are not shredded.
        let blobs: [BlobID]
    }

    /// Writes a copy that has no keys and never had any: what was deleted does not lie in free pages either.
    func withoutKeys(at path: String) throws -> DatabaseCopy {
        let queue = try opened()
        defer { try? queue.close() }
        try BackupThreads.interruptible({ queue.interrupt() }) {
            try queue.inDatabase { database in
                try database.execute(sql: "DELETE FROM keys")
                try database.execute(sql: "VACUUM INTO ?", arguments: [path])
            }
        }
        return DatabaseCopy(path: path)
    }

    func facts() throws -> Facts {
        try open { database in
            guard let name = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'ledger_origin'") else {
                throw BackupFailure.damaged(path, "the ledger has no name")
            }
            let blobs = try Row.fetchAll(database, sql: "SELECT id, kind FROM documents WHERE shredded_at IS NULL ORDER BY id").map { row in
                guard let id = DocumentID(row["id"]), let kind = BlobKind(name: row["kind"] as String) else {
                    throw BackupFailure.damaged(path, "a document's row is malformed")
                }
                return BlobID(document: id, kind: kind)
            }
            return Facts(
                ledger: try LedgerMeasure(of: database), installation: String(decoding: name, as: UTF8.self), blobs: blobs)
        }
    }

    /// Documents that nothing opens any more.
    struct Lost: Sendable {
        /// Epochs of which there is no key: it was destroyed after the snapshot.
        let epochs: [String]
        /// How many documents were sealed under them.
        let documents: Int
        /// These, and those that were shredded while the backup was made.
        let marked: Set<DocumentID>
    }

    /// Puts the wrapped keys back, and marks as shredded what none of them opens, and what was shredded while the backup was made.
    /// - Parameter milliseconds: now, since 1970.
    func adopt(_ bundle: KeyBundle.Content, shredded: [BlobEntry], at milliseconds: Int64) throws -> Lost {
        try open { database in
            var lost = Lost(epochs: [], documents: 0, marked: [])
            try database.inTransaction {
                for row in bundle.keys {
                    try database.execute(
                        sql: "INSERT INTO keys (name, wrapped, wrapped_by, created_at, destroyed_at) VALUES (?, ?, ?, ?, ?)",
                        arguments: [row.name, Data(row.wrapped), row.wrappedBy, row.createdAt, row.destroyedAt])
                }
                // A document's row needs its epoch's row, also where that has no key.
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO keys (name, wrapped, wrapped_by, created_at, destroyed_at)
                        SELECT DISTINCT epoch, x'', '', :now, :now FROM documents
                        """, arguments: ["now": milliseconds])
                // The keys may have been rewrapped since the snapshot.
                try database.execute(
                    sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('key_id', ?)", arguments: [Data(bundle.keyEncryptionKey.utf8)])
                lost = try Self.markShredded(shredded, at: milliseconds, in: database)
                return .commit
            }
            return lost
        }
    }

    /// Folds the write-ahead log that a store left into the file, so that it is whole by itself and may be renamed.
    func fold() throws {
        try open { database in
            guard try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE") == "delete" else {
                throw BackupFailure.damaged(path, "its write-ahead log cannot be folded")
            }
        }
    }

    private static func markShredded(_ blobs: [BlobEntry], at milliseconds: Int64, in database: Database) throws -> Lost {
        let mark = "UPDATE documents SET shredded_at = :now, removed_at = :now, wrapped_key = x'' WHERE shredded_at IS NULL AND"
        var marked: Set<DocumentID> = []
        for blob in blobs.compactMap({ BlobID(fileName: $0.name) }) {
            try database.execute(sql: "\(mark) id = :id", arguments: ["now": milliseconds, "id": blob.document.rawValue])
            if database.changesCount == 1 { marked.insert(blob.document) }
        }
        let isLost = "epoch IN (SELECT name FROM keys WHERE destroyed_at IS NOT NULL)"
        let epochs = try String.fetchAll(
            database, sql: "SELECT DISTINCT epoch FROM documents WHERE shredded_at IS NULL AND \(isLost) ORDER BY epoch")
        let lost = try String.fetchAll(database, sql: "SELECT id FROM documents WHERE shredded_at IS NULL AND \(isLost)")
        marked.formUnion(lost.compactMap { DocumentID($0) })
        try database.execute(sql: "\(mark) \(isLost)", arguments: ["now": milliseconds])
        try database.execute(
            sql: """
                UPDATE faxes SET shredded_at = :now
                WHERE shredded_at IS NULL AND document IN (SELECT id FROM documents WHERE shredded_at IS NOT NULL)
                    AND (image IS NULL OR image IN (SELECT id FROM documents WHERE shredded_at IS NOT NULL))
                    AND NOT EXISTS (
                        SELECT 1 FROM attempts JOIN documents ON documents.id = attempts.image
                        WHERE attempts.fax = faxes.id AND documents.shredded_at IS NULL);
                """, arguments: ["now": milliseconds])
        try database.execute(
            sql: """
                UPDATE inbound SET shredded_at = :now
                WHERE shredded_at IS NULL AND document IN (SELECT id FROM documents WHERE shredded_at IS NOT NULL)
                """, arguments: ["now": milliseconds])
        return Lost(epochs: epochs, documents: lost.count, marked: marked)
    }

    private func open<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let queue = try opened()
        defer { try? queue.close() }
        return try queue.inDatabase(body)
    }

    private func opened() throws -> DatabaseQueue {
        var configuration = Configuration()
        // A document's row outlives its epoch's key.
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}
