import Vault

/// The sealed documents in the backup folder: each is copied once, since a blob never changes.
struct BlobCopies: Sendable {
    /// The data folder's blobs.
    let source: DiskFolder
    let folder: BackupFolder
    /// What earlier snapshots say of files in the folder.
    let known: [String: FileDigest]
    let probe: @Sendable (BackupPoint) throws -> Void

    struct Copied: Sendable {
        let entry: BlobEntry
        let isNew: Bool
    }

    /// Copies what is not there yet; all is durable when this returns. A blob that is not in the data folder is `missing`.
    func run(_ blobs: [BlobID]) async throws -> [Copied] {
        let places = Set(blobs.map { Self.place(of: $0) }).sorted()
        let isNew = try await BackupThreads.run { [folder] in try places.map { try folder.blobs.folder($0).make() }.contains(true) }
        let copied = try await BackupThreads.map(blobs) { try copy($0) }
        let changed = Set(zip(blobs, copied).filter(\.1.isNew).map { Self.place(of: $0.0) }).sorted()
        _ = try await BackupThreads.map(changed) { [folder] in try folder.blobs.folder($0).sync() }
        if isNew { try await BackupThreads.run { [folder] in try folder.blobs.sync() } }
        return copied
    }

    /// The subfolder of a blob.
    static func place(of blob: BlobID) -> String { String(BlobLayout.path(of: blob).prefix(2)) }

    private func copy(_ blob: BlobID) throws -> Copied {
        try BackupThreads.checkCancellation()
        let name = blob.fileName
        let place = folder.blobs.folder(Self.place(of: blob))
        if let digest = known[name], try place.size(of: name) == digest.size {
            // Shredded or lost since: the newest snapshot does not say that it has it.
            guard try source.size(of: BlobLayout.path(of: blob)) != nil else {
                return Copied(entry: BlobEntry(name: name, state: .missing), isNew: false)
            }
            return Copied(entry: BlobEntry(name: name, state: .copied(digest)), isNew: false)
        }
        guard let input = try InputFile("\(source.path)/\(BlobLayout.path(of: blob))") else {
            return Copied(entry: BlobEntry(name: name, state: .missing), isNew: false)
        }
        let file = try NewFile(at: "\(folder.incoming.path)/\(name)", calls: folder.calls)
        let digest = try input.copy(to: file)
        try file.commit(as: "\(place.path)/\(name)")
        try probe(.blobCopied)
        return Copied(entry: BlobEntry(name: name, state: .copied(digest)), isNew: true)
    }
}
