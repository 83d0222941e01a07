package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
package import Vault

/// A link that opens one fax's PDF, as the database keeps it.
package struct PDFTokenRecord: Sendable {
    /// SHA-256 of the token.
    package let hash: [UInt8]
    package let expiresAt: Timestamp
    /// The principal that made it.
    package let issuedBy: String
    /// Why, in the words of an `AccessReason`.
    package let reason: String?
}

extension FaxStore {
    /// Keeps the hash of a token that opens one fax's PDF until `expiresAt`; expired ones go at the same time.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func savePDFToken(hash: [UInt8], fax: FaxID, expiresAt: Timestamp, by initiator: Initiator) async throws {
        let now = clock()
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            try database.execute(sql: "DELETE FROM pdf_tokens WHERE expires_at < ?", arguments: [now.milliseconds])
            try database.execute(
                sql: "INSERT INTO pdf_tokens (token_sha256, fax, expires_at, issued_by, reason) VALUES (?, ?, ?, ?, ?)",
                arguments: [Data(hash), fax.text, expiresAt.milliseconds, initiator.id, initiator.reason])
            try ledger.append(
                LedgerEvent(
                    .tokenIssued, object: "fax/\(fax)", by: initiator, details: ["expires_at": .text(expiresAt.description)]),
                in: database)
        }
    }

    /// The hashes of the tokens that were issued for a fax; the caller compares in constant time.
    package func pdfTokens(of fax: FaxID) async throws -> [PDFTokenRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM pdf_tokens WHERE fax = ?", arguments: [fax.text]).map { row in
                PDFTokenRecord(
                    hash: Array(row["token_sha256"] as Data), expiresAt: Timestamp(milliseconds: row["expires_at"]),
                    issuedBy: row["issued_by"], reason: row["reason"])
            }
        }
    }

    /// Commits that a document is about to be given out. No byte of it may leave before this returned.
    package func recordRelease(of document: DocumentID, object: String, as form: String, by initiator: Initiator) async throws {
        let stored = try await self.document(document)
        try await record(
            LedgerEvent(
                .contentReleased, object: object, by: initiator,
                details: [
                    "document": .text(document.rawValue), "sha256": .text(Self.hex(stored.sha256)), "form": .text(form),
                ]))
    }
}
