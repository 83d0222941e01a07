import Logging
import Vault

/// The rotation in a backup folder.
struct RotationRun: Sendable {
    let folder: BackupFolder
    let key: BackupKey
    let rotation: Rotation
    let logger: Logger

    /// Removes snapshots of this key that are not kept, then blobs that no snapshot names.
    ///
    /// As long as a snapshot is there that does not open (one under a former backup key), all blobs stay: it may need them.
    /// - Parameters:
    ///   - name: the snapshot that was just made.
    ///   - entries: its blobs.
    /// - Returns: how many of each were removed.
    func run(newest name: SnapshotName, _ entries: [BlobEntry]) throws -> (snapshots: Int, blobs: Int) {
        let names = try folder.names()
        let own = try names.filter { try SealedInput.keyID(of: "\(folder.snapshots.path)/\($0.fileName)", kind: .snapshot) == key.id }
        let kept = rotation.kept(of: own).union([name])
        let old = own.filter { !kept.contains($0) }
        for name in old { try folder.snapshots.remove(name.fileName) }
        // Before the blobs: no snapshot may be there whose blobs are gone.
        if !old.isEmpty { try folder.snapshots.sync() }

        var needed = Set(entries.map(\.name))
        for other in names where other != name && !old.contains(other) {
            do {
                needed.formUnion(try SnapshotFile(opening: other, in: folder, key: key).blobs.map(\.name))
            } catch {
                logger.warning(
                    "blobs of old backups are kept, because a snapshot does not open",
                    metadata: ["snapshot": "\(other)", "error": "\(error)"])
                return (old.count, 0)
            }
        }
        return (old.count, try removeBlobs(besides: needed))
    }

    private func removeBlobs(besides needed: Set<String>) throws -> Int {
        var removed = 0
        for place in try folder.blobs.names() {
            let subfolder = folder.blobs.folder(place)
            let unneeded = try subfolder.names().filter { BlobID(fileName: $0) != nil && !needed.contains($0) }
            for name in unneeded { try subfolder.remove(name) }
            if !unneeded.isEmpty { try subfolder.sync() }
            removed += unneeded.count
        }
        return removed
    }
}
