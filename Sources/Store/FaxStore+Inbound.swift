package import FaxModel
import FoundationEssentials
import GRDB
import Ledger
import Vault

extension FaxStore {
    /// Takes in a received fax: its row, its document's key and what is known about its pages in one durable commit. The reception of the
    /// same id is over then: its key goes, so that nothing opens its pages any more, and ``removeOldReceptionPages()`` may remove them.
    /// - Throws: the database's error when there is a fax of this id; then nothing changed.
    package func receive(_ fax: InboundRecord, document: StoredDocument) async throws {
        let row = fax.id.text
        let to = try columns.seal(fax.to, .inboundTo, row: row)
        let from = try columns.seal(fax.from, .inboundFrom, row: row)
        let identifier = try columns.seal(fax.remoteIdentifier, .inboundRemoteIdentifier, row: row)
        let index = try columns.index(number: fax.to)
        let event = LedgerEvent(
            .inboundReceived, object: "fax/\(fax.id)", by: Initiator(.carrier, id: fax.reference, client: fax.backend),
            details: [
                "to": .text(try pseudonym(number: fax.to)), "from": .text(try pseudonym(number: fax.from)),
                "status": .text(fax.status), "pages": .integer(Int64(fax.pages)), "mailbox": .text(fax.mailbox),
                "document": .text(document.id.rawValue), "sha256": .text(Self.hex(document.sha256)),
                "size": .integer(Int64(document.size)),
            ])
        try await commit { [self] database in
            try Self.insert(document, in: database)
            try database.execute(
                sql: """
                    INSERT INTO inbound (id, mailbox, status, backend, trunk, reference, sealed_to, sealed_from, sealed_remote_identifier,
                        to_index, pages, document, bit_rate, error_correction, created_at, received_at, ended_at, end_code)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row, fax.mailbox, fax.status, fax.backend, fax.trunk, fax.reference, to, from, identifier, index, fax.pages,
                    fax.document.rawValue, fax.bitRate, fax.errorCorrection, fax.createdAt.milliseconds, fax.receivedAt.milliseconds,
                    fax.endedAt?.milliseconds, fax.endCode,
                ])
            for page in fax.quality { try Self.insert(page, of: row, in: database) }
            try database.execute(sql: "DELETE FROM receptions WHERE id = ?", arguments: [row])
            try ledger.append(event, in: database)
            try append(
                .inboundReceived, of: fax.id, [("status", .text(fax.status)), ("pages", .number(fax.pages))], at: fax.receivedAt,
                in: database)
        }
    }

    /// Notes how the call of a received fax ended, which may be after it was taken in.
    /// - Parameters:
    ///   - code: see ``InboundRecord/endCode``.
    ///   - remoteIdentifier: kept where none is known yet.
    package func inboundCallEnded(_ id: FaxID, at moment: Timestamp, code: Int?, remoteIdentifier: String) async throws {
        let row = id.text
        let identifier = try columns.seal(remoteIdentifier, .inboundRemoteIdentifier, row: row)
        try await commit { [columns] database in
            try database.execute(
                sql: "UPDATE inbound SET ended_at = ?, end_code = ? WHERE id = ? AND ended_at IS NULL",
                arguments: [moment.milliseconds, code, row])
            guard database.changesCount == 1, !remoteIdentifier.isEmpty,
                let known = try Data.fetchOne(database, sql: "SELECT sealed_remote_identifier FROM inbound WHERE id = ?", arguments: [row]),
                try columns.open(known, .inboundRemoteIdentifier, row: row).isEmpty
            else { return }
            try database.execute(sql: "UPDATE inbound SET sealed_remote_identifier = ? WHERE id = ?", arguments: [identifier, row])
        }
    }

    /// A received fax with what is known about its pages.
    package func inboundFax(_ id: FaxID) async throws -> InboundRecord? {
        try await read { [columns] database in
            try Row.fetchOne(database, sql: "SELECT * FROM inbound WHERE id = ?", arguments: [id.text])
                .map { try Self.inbound($0, columns: columns, in: database) }
        }
    }

    /// Received faxes, newest first.
    /// - Parameter mailboxes: only those of these; nil for all.
    package func inboundFaxes(
        to number: String? = nil, status: String? = nil, in mailboxes: Set<String>? = nil, limit: Int
    ) async throws -> [InboundRecord] {
        let places = mailboxes.map { " AND mailbox IN (\($0.map { _ in "?" }.joined(separator: ", ")))" } ?? ""
        let index = try number.map { try columns.index(number: $0) }
        return try await read { [columns] database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM inbound WHERE (? IS NULL OR to_index = ?) AND (? IS NULL OR status = ?)\(places)
                    ORDER BY id DESC LIMIT ?
                    """,
                arguments: [index, index, status, status] + StatementArguments((mailboxes ?? []).sorted()) + [limit]
            ).map { try Self.inbound($0, columns: columns, in: database) }
        }
    }

    /// - Parameter fax: the id of the fax that came in or is coming in.
    static func insert(_ page: PageRecord, of fax: String, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO inbound_pages (fax, page, bit_rate, error_correction, bad_rows, retries, confirmed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            fax, page.page, page.bitRate, page.errorCorrection, page.badRows, page.retries, page.confirmedAt.milliseconds,
        ])
    }

    static func quality(of fax: String, in database: Database) throws -> [PageRecord] {
        try Row.fetchAll(
            database.cachedStatement(sql: "SELECT * FROM inbound_pages WHERE fax = ? ORDER BY page"), arguments: [fax]
        ).map { row in
            PageRecord(
                page: row["page"], bitRate: row["bit_rate"], errorCorrection: row["error_correction"], badRows: row["bad_rows"],
                retries: row["retries"], confirmedAt: Timestamp(milliseconds: row["confirmed_at"]))
        }
    }

    private static func inbound(_ row: Row, columns: SealedColumns, in database: Database) throws -> InboundRecord {
        let id: String = row["id"]
        guard let faxID = FaxID(id), let document = DocumentID(row["document"]) else {
            throw StoreFailure.damagedRow(table: "inbound", row: id)
        }
        return InboundRecord(
            id: faxID, mailbox: row["mailbox"], status: row["status"], backend: row["backend"], trunk: row["trunk"],
            reference: row["reference"], to: try columns.open(row["sealed_to"], .inboundTo, row: id),
            from: try columns.open(row["sealed_from"], .inboundFrom, row: id),
            remoteIdentifier: try columns.open(row["sealed_remote_identifier"], .inboundRemoteIdentifier, row: id),
            pages: row["pages"], document: document, bitRate: row["bit_rate"], errorCorrection: row["error_correction"],
            createdAt: Timestamp(milliseconds: row["created_at"]), receivedAt: Timestamp(milliseconds: row["received_at"]),
            endedAt: (row["ended_at"] as Int64?).map { Timestamp(milliseconds: $0) }, endCode: row["end_code"],
            quality: try quality(of: id, in: database))
    }
}
