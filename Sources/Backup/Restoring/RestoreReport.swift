/// What a restore did.
package struct RestoreReport: Sendable, Hashable, Encodable {
    /// The snapshot's name.
    package let snapshot: String
    /// Documents that were put back, and their sealed bytes.
    package let documents: Int
    package let bytes: Int
    /// Events of the ledger in the snapshot.
    package let ledgerSize: Int64
    /// Faxes that waited in the snapshot and are held now, because they may have been sent after it.
    package let held: Int
    /// Epochs whose keys were destroyed after the snapshot, and how many documents of it nothing opens therefore.
    package let destroyedEpochs: [String]
    package let shredded: Int
    /// Documents whose files were lost before the backup.
    package let missing: Int
    /// Keys of the API that are good now; those that were revoked after the snapshot are among them again.
    package let activeKeys: Int
    package let seconds: Double

    private enum CodingKeys: String, CodingKey {
        case snapshot, documents, bytes, held, shredded, missing, seconds
        case ledgerSize = "ledger_size"
        case destroyedEpochs = "destroyed_epochs"
        case activeKeys = "active_keys"
    }
}
