import Crypto
import FaxModel
import FoundationEssentials
import GRDB
import Ledger
import Vault

/// What the proof of all blobs reads: faxes with their documents and what the ledger says of them.
extension FaxStore {
    /// A document's row, and what the ledger says about the document.
    struct Evidence: Sendable {
        /// As in the table.
        let document: StoredDocument
        let isShredded: Bool
        /// SHA-256 in hexadecimal, of the event that tells how it came; nil without one.
        var recorded: String?
        /// The same of its certificate of destruction.
        var certified: String?
    }

    /// A row that cannot be read, or a document with its evidence.
    enum Finding: Sendable {
        case document(Evidence)
        case damaged(row: String)
    }

    /// Leaves from `sequence` on, hashed.
    struct LeafPage: Sendable {
        var hashes: [MerkleHash] = []
        /// Whether their numbers are without a gap from the one that was asked for.
        var isContiguous = true
        /// Documents of which leaves tell and that have no row.
        var missing: [String] = []
    }

    /// Events by which documents come.
    private static let arrivals = [LedgerAction.faxAccepted, .faxRendered, .attemptIntended, .inboundReceived, .documentAdopted]
    private static let arrivalWords = arrivals.map { "'\($0.rawValue)'" }.joined(separator: ", ")

    /// The ids of sent and received faxes, in order.
    func faxIDs(after last: String, limit: Int) async throws -> [FaxID] {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT id FROM (SELECT id FROM faxes WHERE id > :last ORDER BY id LIMIT :limit)
                    UNION SELECT id FROM (SELECT id FROM inbound WHERE id > :last ORDER BY id LIMIT :limit)
                    ORDER BY id LIMIT :limit
                    """, arguments: ["last": last, "limit": limit]
            ).compactMap { FaxID($0) }
        }
    }

    /// The documents of a fax, each with what the ledger says of it.
    func evidence(of fax: FaxID) async throws -> [Finding] {
        try await read { database in
            var recorded: [String: String] = [:]
            var certified: [String: String] = [:]
            // The copies in the columns find the leaves; what they say is read from the leaves alone.
            let leaves = try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT CAST(json_extract(text, '$.action') AS TEXT) AS action,
                            CAST(json_extract(text, '$.object') AS TEXT) AS object,
                            CAST(json_extract(text, '$.details.document') AS TEXT) AS document,
                            CAST(json_extract(text, '$.details.sha256') AS TEXT) AS sha256
                        FROM (SELECT CAST(leaf AS TEXT) AS text FROM ledger WHERE object = ?) WHERE json_valid(text)
                        """), arguments: ["fax/\(fax)"])
            for leaf in leaves where leaf["object"] as String? == "fax/\(fax)" {
                guard let document = leaf["document"] as String?, let sha256 = leaf["sha256"] as String?,
                    let action = (leaf["action"] as String?).flatMap({ LedgerAction(rawValue: $0) })
                else { continue }
                if Self.arrivals.contains(action) { recorded[document] = sha256 }
                if action == .documentShredded { certified[document] = sha256 }
            }
            return try Self.documents(of: fax, in: database).map { row in
                let id: String = row["id"]
                guard let document = try? Self.document(row) else { return .damaged(row: id) }
                return .document(
                    Evidence(
                        document: document, isShredded: row["shredded_at"] as Int64? != nil, recorded: recorded[id],
                        certified: certified[id]))
            }
        }
    }

    /// Rows of documents.
    func documentCount() async throws -> Int {
        try await read { try Int.fetchOne($0, sql: "SELECT count(*) FROM documents") ?? 0 }
    }

    /// Documents that belong to no fax.
    func documentsOfNoFax(limit: Int) async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT id FROM documents WHERE shredded_at IS NULL AND id NOT IN (
                        SELECT document FROM faxes UNION ALL SELECT image FROM faxes WHERE image IS NOT NULL
                        UNION ALL SELECT image FROM attempts UNION ALL SELECT document FROM inbound)
                    LIMIT ?
                    """, arguments: [limit])
        }
    }

    /// The ledger's tree as the server keeps it, at a moment at which all its leaves are in the table.
    func ledgerTree() async throws -> Frontier {
        try await commit { [ledger] _ in ledger.state.frontier }
    }

    /// Hashes leaves as they are in the table.
    func leaves(from sequence: Int64, limit: Int) async throws -> LeafPage {
        try await read { database in
            var page = LeafPage()
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT seq, leaf, CASE WHEN action IN (\(Self.arrivalWords)) AND json_valid(CAST(leaf AS TEXT))
                            THEN CAST(json_extract(CAST(leaf AS TEXT), '$.details.document') AS TEXT) END AS document
                        FROM ledger WHERE seq >= ? ORDER BY seq LIMIT ?
                        """), arguments: [sequence, limit])
            let row = try database.cachedStatement(sql: "SELECT 1 FROM documents WHERE id = ?")
            while let leaf = try rows.next() {
                if leaf["seq"] != sequence + Int64(page.hashes.count) { page.isContiguous = false }
                page.hashes.append(MerkleHash(leaf: leaf["leaf"] as Data))
                if let document = leaf["document"] as String?, try Int.fetchOne(row, arguments: [document]) == nil {
                    page.missing.append(document)
                }
            }
            return page
        }
    }
}
