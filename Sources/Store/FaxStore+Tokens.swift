package import FaxModel
import FoundationEssentials
import GRDB

extension FaxStore {
    /// Keeps the hash of a token that opens one fax's PDF until `expiresAt`; expired ones go at the same time.
    package func savePDFToken(hash: [UInt8], fax: FaxID, expiresAt: Timestamp) async throws {
        let now = clock()
        try await commit { database in
            try database.execute(sql: "DELETE FROM pdf_tokens WHERE expires_at < ?", arguments: [now.milliseconds])
            try database.execute(
                sql: "INSERT INTO pdf_tokens (token_sha256, fax, expires_at) VALUES (?, ?, ?)",
                arguments: [Data(hash), fax.text, expiresAt.milliseconds])
        }
    }

    /// The hashes of the tokens that were issued for a fax, with their expiry; the caller compares in constant time.
    package func pdfTokens(of fax: FaxID) async throws -> [(hash: [UInt8], expiresAt: Timestamp)] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT token_sha256, expires_at FROM pdf_tokens WHERE fax = ?", arguments: [fax.text])
                .map { (Array($0["token_sha256"] as Data), Timestamp(milliseconds: $0["expires_at"])) }
        }
    }
}
