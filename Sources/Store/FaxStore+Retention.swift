package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
package import Vault

/// Why documents were destroyed: a word of the certificate.
package enum ShreddingCause: String, Sendable, Hashable, CaseIterable {
    /// The days of retention are over.
    case retention
    /// The far machine confirmed every page, and the mailbox or the server destroys then.
    case onSuccess = "on_success"
    /// As on success (or a day after a failure), where each fax has a key of its own.
    case zeroRetention = "zero_retention"
    /// An operator asked for it.
    case request
    /// The pages were made anew, at another resolution.
    case superseded
}

/// Shredding: the documents of a fax lose their keys in one transaction with their certificates; their files go after it.
extension FaxStore {
    /// What the shredding of a fax came to.
    package enum Shredding: Sendable, Equatable {
        /// The documents that were destroyed now, and whether the key that sealed them was, too.
        case done(documents: Int, epochs: Int)
        /// They were destroyed before.
        case alreadyDone
        /// A legal hold lies on the fax.
        case held
        /// The fax is still on its way, or its outcome is unknown.
        case notFinished
    }

    /// The mailboxes with their rules of retention.
    package func retentionRules() async throws -> [Mailbox] {
        try await read { database in
            try Row.fetchAll(database.cachedStatement(sql: "SELECT * FROM mailboxes ORDER BY id")).map(Self.mailbox)
        }
    }

    static let sentToShred = """
        SELECT id FROM faxes
        WHERE mailbox = ? AND state = ? AND updated_at <= ? AND shredded_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.fax = faxes.id)
        ORDER BY updated_at LIMIT ? OFFSET ?
        """
    static let receivedToShred = """
        SELECT id FROM inbound
        WHERE mailbox = ? AND received_at <= ? AND shredded_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.fax = inbound.id)
        ORDER BY received_at LIMIT ? OFFSET ?
        """

    /// Sent faxes of a mailbox that came into the terminal state `state` by `moment`, have documents and are not held: the oldest first.
    /// - Parameter skipped: how many are left out, those that could not be shredded.
    /// - Returns: a failure in the place of a row whose id is damaged.
    package func sentFaxes(
        toShredIn mailbox: String, _ state: FaxState, by moment: Timestamp, skipping skipped: Int = 0, limit: Int
    ) async throws -> [Result<FaxID, StoreFailure>] {
        guard state.isTerminal else { return [] }
        return try await read { database in
            try String.fetchAll(
                database.cachedStatement(sql: Self.sentToShred), arguments: [mailbox, state.rawValue, moment.milliseconds, limit, skipped]
            ).map { id in FaxID(id).map { .success($0) } ?? .failure(.damagedRow(table: "faxes", row: id)) }
        }
    }

    /// Received faxes of a mailbox that arrived by `moment`, have their document and are not held: the oldest first.
    /// - Parameter skipped: how many are left out, those that could not be shredded.
    /// - Returns: a failure in the place of a row whose id is damaged.
    package func receivedFaxes(
        toShredIn mailbox: String, by moment: Timestamp, skipping skipped: Int = 0, limit: Int
    ) async throws -> [Result<FaxID, StoreFailure>] {
        try await read { database in
            try String.fetchAll(
                database.cachedStatement(sql: Self.receivedToShred), arguments: [mailbox, moment.milliseconds, limit, skipped]
            ).map { id in FaxID(id).map { .success($0) } ?? .failure(.damagedRow(table: "inbound", row: id)) }
        }
    }

    /// Destroys the keys of all documents of a fax, with a certificate each (45 CFR 164.310(d)(2)(i)), and the links that open it.
    ///
    /// The rows of the fax stay: who sent what size of document when, and its SHA-256. The files go with ``Documents/removeShredded()``.
    /// - Throws: ``StoreFailure/unknownFax(_:)``.
    package func shred(_ fax: FaxID, cause: ShreddingCause, by initiator: Initiator) async throws -> Shredding {
        let now = clock()
        let (result, destroyed) = try await commit { [self] database -> (Shredding, [EpochName]) in
            if let refusal = try Self.refusal(of: fax, in: database) { return (refusal, []) }
            let rows = try Self.documents(of: fax, in: database).filter { $0["shredded_at"] as Int64? == nil }
            let documents = try rows.map { try Self.document($0) }
            let own = Set(documents.map(\.epoch)).filter { OwnEpoch($0) == .fax }
            for document in documents {
                try shred(document, of: fax, cause: cause, isOwn: own.contains(document.epoch), by: initiator, now: now, in: database)
            }
            try database.execute(sql: "DELETE FROM pdf_tokens WHERE fax = ?", arguments: [fax.text])
            try database.execute(sql: "UPDATE faxes SET shredded_at = ? WHERE id = ?", arguments: [now.milliseconds, fax.text])
            try database.execute(sql: "UPDATE inbound SET shredded_at = ? WHERE id = ?", arguments: [now.milliseconds, fax.text])
            let destroyed = try own.filter { try Self.destroy($0, by: initiator, now: now, ledger: ledger, in: database) }
            return (.done(documents: documents.count, epochs: destroyed.count), Array(destroyed))
        }
        for epoch in destroyed { keyRing.forget(epoch) }
        return result
    }

    /// Why the documents of a fax cannot be shredded; nil when they can.
    private static func refusal(of fax: FaxID, in database: Database) throws -> Shredding? {
        if try Int.fetchOne(database, sql: "SELECT 1 FROM holds WHERE fax = ?", arguments: [fax.text]) != nil { return .held }
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT state, shredded_at FROM faxes WHERE id = :fax
                UNION ALL SELECT NULL, shredded_at FROM inbound WHERE id = :fax
                """, arguments: ["fax": fax.text])
        guard let row else { throw StoreFailure.unknownFax(fax) }
        if row["shredded_at"] as Int64? != nil { return .alreadyDone }
        if let word = row["state"] as String?, FaxState(rawValue: word)?.isTerminal != true { return .notFinished }
        return nil
    }

    func shred(
        _ document: StoredDocument, of fax: FaxID, cause: ShreddingCause, isOwn: Bool, by initiator: Initiator, now: Timestamp,
        in database: Database
    ) throws {
        try database.cachedStatement(sql: "UPDATE documents SET wrapped_key = x'', shredded_at = ? WHERE id = ?")
            .execute(arguments: [now.milliseconds, document.id.rawValue])
        try ledger.append(
            LedgerEvent(
                .documentShredded, object: "fax/\(fax)", by: initiator,
                details: [
                    "document": .text(document.id.rawValue), "kind": .text(document.kind.name),
                    "sha256": .text(Self.hex(document.sha256)), "size": .integer(Int64(document.size)),
                    "epoch": .text(document.epoch.rawValue), "cause": .text(cause.rawValue),
                    // What an older backup needs is its copy of the row and the epoch's key, which only the newest key bundle has.
                    "openable_in_backups_until": .text(isOwn ? "never openable" : "epoch"),
                ]), in: database)
    }

    // MARK: Files

    /// Blobs of shredded documents whose files may still be there.
    struct BlobPage: Sendable {
        var blobs: [BlobID] = []
        /// Rows that do not say which file is theirs.
        var damaged: [StoreFailure] = []
        /// After which row the next page begins; nil when there is none.
        var last: String?
    }

    /// - Parameter last: of the page before.
    func blobsToRemove(after last: String = "", limit: Int) async throws -> BlobPage {
        try await read { database in
            var page = BlobPage()
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT id, kind FROM documents
                        WHERE shredded_at IS NOT NULL AND removed_at IS NULL AND id > ? ORDER BY id LIMIT ?
                        """), arguments: [last, limit])
            while let row = try rows.next() {
                let name: String = row["id"]
                page.last = name
                if let id = DocumentID(name), let kind = BlobKind(name: row["kind"] as String) {
                    page.blobs.append(BlobID(document: id, kind: kind))
                } else {
                    page.damaged.append(.damagedRow(table: "documents", row: name))
                }
            }
            return page
        }
    }

    /// Notes that the files of shredded documents are gone.
    package func noteRemoved(_ documents: [DocumentID]) async throws {
        let now = clock()
        try await commit { database in
            let statement = try database.cachedStatement(
                sql: "UPDATE documents SET removed_at = ? WHERE id = ? AND shredded_at IS NOT NULL")
            for document in documents { try statement.execute(arguments: [now.milliseconds, document.rawValue]) }
        }
    }

    /// Folds the write-ahead log into the database and empties it: until then it holds the pages on which destroyed keys stood.
    /// - Returns: false when a reader kept it from that: nothing else empties it, so it must be tried again.
    @concurrent
    package func emptyWriteAheadLog() async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    with: Result { try Int.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0 })
            }
        }
    }
}
