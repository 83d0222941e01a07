package import FaxModel
import FoundationEssentials
import GRDB
import Vault

/// Faxes that are coming in: each page is durable before it is confirmed to the sender, and all are one document in the end.
///
/// Until then a page is in the database, sealed under a key of its reception. There is no file that a sweep or a proof of blobs could take
/// for something else, a backup has the pages that were confirmed when it was made, and one commit (``receive(_:document:)``) makes the fax
/// of them and ends them.
extension FaxStore {
    /// Pages that are removed in one transaction: writing zeros over them holds up others.
    private static let removedAtOnce = 16

    /// A new key for the pages of a reception; with the first of them it becomes durable.
    package func makeReceptionKey(for id: FaxID) async throws -> ReceptionKey {
        let document = try Self.document(of: id)
        let epoch = try await currentEpoch()
        let key = DataKey()
        return ReceptionKey(
            document: document, key: key, wrapped: try keyRing.wrap(key, document: document, epoch: epoch), tenant: keyRing.tenant)
    }

    /// Takes in a page. It is durable when this returns, and only then it may be confirmed to the sender.
    /// - Parameters:
    ///   - bytes: what ``receptionPage(_:of:key:)`` gives back.
    ///   - quality: names the page, from 0; each is taken in once.
    package func store(_ bytes: [UInt8], _ quality: PageRecord, of reception: ReceptionRecord, key: ReceptionKey) async throws {
        let row = reception.id.text
        let sealed = Data(try key.seal(bytes, page: quality.page))
        let to = try columns.seal(reception.to, .receptionTo, row: row)
        let from = try columns.seal(reception.from, .receptionFrom, row: row)
        let identifier = try columns.seal(reception.remoteIdentifier, .receptionRemoteIdentifier, row: row)
        try await commit { database in
            try database.cachedStatement(
                sql: """
                    INSERT INTO receptions (id, mailbox, backend, reference, trunk, sealed_to, sealed_from, sealed_remote_identifier,
                        epoch, wrapped_key, created_at)
                    SELECT :id, :mailbox, :backend, :reference, :trunk, :to, :from, :identifier, name, :key, :created
                    FROM keys WHERE name = :epoch AND destroyed_at IS NULL
                    ON CONFLICT (id) DO UPDATE SET sealed_remote_identifier = excluded.sealed_remote_identifier
                    """
            ).execute(arguments: [
                "id": row, "mailbox": reception.mailbox, "backend": reception.backend, "reference": reception.reference,
                "trunk": reception.trunk, "to": to, "from": from, "identifier": identifier, "key": Data(key.wrapped.sealed),
                "created": reception.createdAt.milliseconds, "epoch": key.wrapped.epoch.rawValue,
            ])
            guard database.changesCount == 1 else { throw StoreFailure.destroyedEpoch(key.wrapped.epoch) }
            try database.cachedStatement(sql: "INSERT INTO reception_pages (reception, page, sealed) VALUES (?, ?, ?)")
                .execute(arguments: [row, quality.page, sealed])
            try Self.insert(quality, of: row, in: database)
        }
    }

    /// A page that was taken in, from 0.
    package func receptionPage(_ page: Int, of id: FaxID, key: ReceptionKey) async throws -> [UInt8] {
        let sealed = try await read { database in
            try Data.fetchOne(
                database.cachedStatement(sql: "SELECT sealed FROM reception_pages WHERE reception = ? AND page = ?"),
                arguments: [id.text, page])
        }
        guard let sealed else { throw StoreFailure.damagedRow(table: "reception_pages", row: id.text) }
        return try key.open(Array(sealed), page: page)
    }

    /// Faxes that were coming in when the server stopped, in the order of their calls. Only at the start is nothing of them under way.
    package func openReceptions() async throws -> [FaxID] {
        try await read { database in
            try String.fetchAll(database, sql: "SELECT id FROM receptions ORDER BY id").map { id in
                guard let fax = FaxID(id) else { throw StoreFailure.damagedRow(table: "receptions", row: id) }
                return fax
            }
        }
    }

    /// A reception with its key and what is known about its pages; nil when it is over.
    /// - Throws: ``StoreFailure/destroyedEpoch(_:)`` when nothing opens its pages any more: a restore without the key of that month.
    package func reception(_ id: FaxID) async throws -> (record: ReceptionRecord, key: ReceptionKey, pages: [PageRecord])? {
        try await read { [columns, keyRing] database in
            let name = id.text
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM receptions WHERE id = ?", arguments: [name]) else { return nil }
            guard let epoch = EpochName(row["epoch"]) else { throw StoreFailure.damagedRow(table: "receptions", row: name) }
            let isAlive = try Int.fetchOne(
                database, sql: "SELECT 1 FROM keys WHERE name = ? AND destroyed_at IS NULL", arguments: [epoch.rawValue])
            guard isAlive != nil else { throw StoreFailure.destroyedEpoch(epoch) }
            let document = try Self.document(of: id)
            let wrapped = WrappedDataKey(epoch: epoch, sealed: Array(row["wrapped_key"] as Data))
            let record = ReceptionRecord(
                id: id, mailbox: row["mailbox"], backend: row["backend"], trunk: row["trunk"], reference: row["reference"],
                to: try columns.open(row["sealed_to"], .receptionTo, row: name),
                from: try columns.open(row["sealed_from"], .receptionFrom, row: name),
                remoteIdentifier: try columns.open(row["sealed_remote_identifier"], .receptionRemoteIdentifier, row: name),
                createdAt: Timestamp(milliseconds: row["created_at"]))
            let key = ReceptionKey(
                document: document, key: try keyRing.unwrap(wrapped, document: document), wrapped: wrapped, tenant: keyRing.tenant)
            return (record, key, try Self.quality(of: name, in: database))
        }
    }

    /// Ends a reception of which nothing can be opened.
    package func dropReception(_ id: FaxID) async throws {
        try await commit { database in
            try database.execute(sql: "DELETE FROM receptions WHERE id = ?", arguments: [id.text])
            try database.execute(
                sql: "DELETE FROM inbound_pages WHERE fax = :id AND NOT EXISTS (SELECT 1 FROM inbound WHERE id = :id)",
                arguments: ["id": id.text])
        }
    }

    /// Removes pages of receptions that are over; zeros are written over them (`secure_delete`).
    /// - Parameter id: only those of this reception; nil for all.
    package func removeOldReceptionPages(of id: FaxID? = nil) async throws {
        var isMore = true
        while isMore {
            isMore = try await commit { database in
                try database.cachedStatement(
                    sql: """
                        DELETE FROM reception_pages WHERE rowid IN (
                            SELECT rowid FROM reception_pages
                            WHERE (:id IS NULL OR reception = :id) AND NOT EXISTS (SELECT 1 FROM receptions WHERE id = reception)
                            LIMIT :limit)
                        """
                ).execute(arguments: ["id": id?.text, "limit": Self.removedAtOnce])
                return database.changesCount == Self.removedAtOnce
            }
        }
    }

    private static func document(of id: FaxID) throws -> DocumentID {
        guard let document = DocumentID(id.text) else { throw StoreFailure.unknownFax(id) }
        return document
    }
}
