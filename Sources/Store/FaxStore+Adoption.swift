import FaxModel
import FoundationEssentials
import GRDB
import Ledger

/// Documents that are older than the ledger: those of a database of the first version, or of a time in which the ledger was turned off.
extension FaxStore {
    /// Gives each document of a fax the event by which it came, for a ledger that has just begun: without one, the proof of all blobs
    /// (``IntegrityCheck``) would miss it for ever. What the event says is what the database says now.
    static func adoptDocuments(into ledger: LedgerBook, in database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT owners.fax, documents.id, documents.sha256, documents.size FROM (
                    SELECT id AS fax, document FROM faxes
                    UNION SELECT id, image FROM faxes WHERE image IS NOT NULL
                    UNION SELECT fax, image FROM attempts
                    UNION SELECT id, document FROM inbound) AS owners
                JOIN documents ON documents.id = owners.document ORDER BY owners.fax, documents.id
                """)
        while let row = try rows.next() {
            try ledger.append(
                LedgerEvent(
                    .documentAdopted, object: "fax/\(row["fax"] as String)", by: .system,
                    details: [
                        "document": .text(row["id"]), "sha256": .text(hex(row["sha256"] as Data)), "size": .integer(row["size"]),
                    ]), in: database)
        }
    }
}
