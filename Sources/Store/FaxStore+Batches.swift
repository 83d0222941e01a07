package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
import Vault

/// Faxes of one request: accepted together, or not at all.
extension FaxStore {
    /// The fax that was to be sent again is not any more in the state in which that was decided.
    package struct FaxMoved: Error, CustomStringConvertible {
        package let state: FaxState?
        package var description: String { "the fax is \(state?.rawValue ?? "gone") now" }
    }

    /// Takes in the faxes of a request, in one durable commit. After this returns, none of them is ever lost.
    /// - Parameters:
    ///   - mark: remembered with them, so that the request can be repeated.
    ///   - state: that of the fax of which the first is a copy (``FaxRecord/resentFrom``), as it was seen.
    /// - Throws: ``StoreFailure/revokedInitiator``, ``KeyInUse``, ``FaxMoved``; then none was taken in.
    package func acceptRequest(
        _ faxes: [(fax: FaxRecord, document: StoredDocument)], mark: IdempotencyMark? = nil, ifStill state: FaxState? = nil,
        by initiator: Initiator
    ) async throws {
        guard let first = faxes.first?.fax else { return }
        let tags = try faxes.flatMap { fax, _ in try fax.terms.tags.map { (fax.id, try columns.index(tag: $0)) } }
        try await accept(faxes, by: initiator) { [self] database in
            if let former = first.resentFrom {
                // A document that was destroyed meanwhile does not live on in a copy.
                let select = "SELECT state FROM faxes WHERE id = ? AND shredded_at IS NULL"
                let now = try String.fetchOne(database, sql: select, arguments: [former.text]).flatMap { FaxState(rawValue: $0) }
                guard now != nil, now == state else { throw FaxMoved(state: now) }
                try ledger.append(
                    LedgerEvent(
                        .faxResent, object: "fax/\(former)", by: initiator,
                        details: ["as": .text("fax/\(first.id)"), "state": .text(state?.rawValue ?? "")]), in: database)
            }
            for (fax, tag) in tags {
                try database.cachedStatement(sql: "INSERT OR IGNORE INTO fax_tags (tag_index, fax) VALUES (?, ?)")
                    .execute(arguments: [tag, fax.text])
            }
            if let mark { try remember(mark, fax: first.batch == nil ? first.id : nil, batch: first.batch, in: database) }
        }
    }

    /// The faxes of a batch in the order of their recipients, without their attempts; none where there is no such batch.
    package func faxes(ofBatch batch: FaxID) async throws -> [FaxRecord] {
        try await read { [columns] database in
            let select = try database.cachedStatement(sql: "SELECT * FROM faxes WHERE batch = ? ORDER BY id")
            return try Row.fetchAll(select, arguments: [batch.text]).map { try Self.fax($0, columns: columns) }
        }
    }
}

extension SealedColumns {
    /// By which faxes of one tag find each other.
    func index(tag: String) throws -> Data {
        Data(try ring.blindIndex(tag, label: "tag"))
    }
}
