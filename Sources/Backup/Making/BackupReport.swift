/// What a backup did.
package struct BackupReport: Sendable, Hashable, Encodable {
    /// The snapshot's name.
    package let snapshot: String
    /// Documents that are not shredded.
    package let documents: Int
    /// Sealed bytes of all of them, and of the snapshot's own file.
    package let bytes: Int
    /// Those of them that were copied now; the others were in the backup folder already.
    package let copied: Int
    package let copiedBytes: Int
    /// Documents that were shredded while the backup was made.
    package let shredded: Int
    /// Documents whose file is not in the data folder, and should be: run `faxlock fsck`.
    package let missing: Int
    package let ledgerSize: Int64
    /// Snapshots and blobs that the rotation removed.
    package let removedSnapshots: Int
    package let removedBlobs: Int
    package let seconds: Double

    private enum CodingKeys: String, CodingKey {
        case snapshot, documents, bytes, copied, shredded, missing, seconds
        case copiedBytes = "copied_bytes"
        case ledgerSize = "ledger_size"
        case removedSnapshots = "removed_snapshots"
        case removedBlobs = "removed_blobs"
    }
}
