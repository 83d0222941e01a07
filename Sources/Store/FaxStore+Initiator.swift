import FaxModel
import GRDB
import Ledger

extension FaxStore {
    /// Asked inside of a commit: between a caller's authorisation and this moment lies the time in which it sent its body.
    ///
    /// A key must still be there, good and not expired (45 CFR 164.308(a)(3)(ii)(C)). `API_KEY`, which is in no row, passes, and so do
    /// initiators that are no keys: a bearer token's `iat` is not known here, the route asks again about it.
    /// - Throws: ``StoreFailure/revokedInitiator``; then nothing of the operation is kept.
    func requireGood(_ initiator: Initiator, in database: Database) throws {
        guard initiator.kind == .key, initiator.id != "bootstrap" else { return }
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM api_keys WHERE id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)")
        guard try Int.fetchOne(statement, arguments: [initiator.id, clock().milliseconds]) != nil else {
            throw StoreFailure.revokedInitiator
        }
    }
}
