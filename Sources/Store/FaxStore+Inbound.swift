package import FaxModel
import GRDB
import Ledger
import Vault

extension FaxStore {
    /// Takes in a received fax: its row and its document's key in one durable commit.
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
        try await commit { [ledger] database in
            try Self.insert(document, in: database)
            try database.execute(
                sql: """
                    INSERT INTO inbound (id, mailbox, status, backend, reference, sealed_to, sealed_from, sealed_remote_identifier, to_index,
                        pages, document, bit_rate, error_correction, created_at, received_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row, fax.mailbox, fax.status, fax.backend, fax.reference, to, from, identifier, index, fax.pages, fax.document.rawValue,
                    fax.bitRate, fax.errorCorrection, fax.createdAt.milliseconds, fax.receivedAt.milliseconds,
                ])
            try ledger.append(event, in: database)
        }
    }

    package func inboundFax(_ id: FaxID) async throws -> InboundRecord? {
        try await read { [columns] database in
            try Row.fetchOne(database, sql: "SELECT * FROM inbound WHERE id = ?", arguments: [id.text])
                .map { try Self.inbound($0, columns: columns) }
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
            ).map { try Self.inbound($0, columns: columns) }
        }
    }

    private static func inbound(_ row: Row, columns: SealedColumns) throws -> InboundRecord {
        let id: String = row["id"]
        guard let faxID = FaxID(id), let document = DocumentID(row["document"]) else {
            throw StoreFailure.damagedRow(table: "inbound", row: id)
        }
        return InboundRecord(
            id: faxID, mailbox: row["mailbox"], status: row["status"], backend: row["backend"], reference: row["reference"],
            to: try columns.open(row["sealed_to"], .inboundTo, row: id),
            from: try columns.open(row["sealed_from"], .inboundFrom, row: id),
            remoteIdentifier: try columns.open(row["sealed_remote_identifier"], .inboundRemoteIdentifier, row: id),
            pages: row["pages"], document: document, bitRate: row["bit_rate"], errorCorrection: row["error_correction"],
            createdAt: Timestamp(milliseconds: row["created_at"]), receivedAt: Timestamp(milliseconds: row["received_at"]))
    }
}
