import GRDB
import Ledger

extension LedgerBook {
    /// Goes over to a new key: the old one signs all leaves so far, vouches for the new one in a leaf, and the new one signs that leaf.
    ///
    /// All of it is in the caller's transaction, and taken back with it.
    /// - Throws: ``Unavailable``, ``StoreFailure/ledgerIsOff``.
    func changeKey(to newKey: LedgerKey, by initiator: Initiator, in database: Database) throws {
        guard isEnabled else { throw StoreFailure.ledgerIsOff }
        // Also so that the leaf itself completes no interval: its checkpoint would be signed by the old key.
        if lastCheckpoint.size < size { try checkpoint(in: database) }
        let change: LedgerKeyChange
        do {
            change = try LedgerKeyChange(from: key, to: newKey.verifier, sequence: size)
        } catch {
            throw Unavailable(cause: error)
        }
        try append(LedgerEvent(.ledgerKeyChanged, object: "ledger", by: initiator, details: change.details), in: database)
        state.key = newKey
        try checkpoint(in: database)
    }
}
