package import FaxModel
import GRDB

extension FaxStore {
    /// The received fax of a call, by the id that `backend` gave the call; of several, the one with the most pages. A call that was cut by a stop
    /// of the server leaves a partial fax, and the whole one may come after it.
    package func inboundFax(reference: String, backend: String) async throws -> (id: FaxID, pages: Int)? {
        try await read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT id, pages FROM inbound WHERE reference = ? AND backend = ? ORDER BY pages DESC, id LIMIT 1",
                arguments: [reference, backend])
            guard let row else { return nil }
            let text: String = row["id"]
            guard let id = FaxID(text) else { throw StoreFailure.damagedRow(table: "inbound", row: text) }
            return (id, row["pages"])
        }
    }
}
