/// Moments in the making of a backup, at which tests stop it.
enum BackupPoint: String, Sendable, CaseIterable {
    case databaseCopied, keysRemoved, blobCopied, blobsDurable, bundleWritten, snapshotSealed, snapshotNamed, recorded, rotated
}
