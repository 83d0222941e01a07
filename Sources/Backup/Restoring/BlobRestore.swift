import Vault

/// Copies blobs back, each verified to the byte.
struct BlobRestore: Sendable {
    let source: BackupFolder
    /// The new data folder's blobs.
    let target: DiskFolder
    let snapshot: SnapshotName
    let isDurable: Bool

    struct Result: Sendable {
        var documents = 0
        /// Sealed.
        var bytes = 0
        var missing = 0
    }

    /// - Parameters:
    ///   - blobs: what the restored database needs.
    ///   - entries: what the snapshot says of blobs.
    /// - Throws: ``BackupFailure/missingBlob(_:snapshot:)``, ``BackupFailure/changedBlob(_:snapshot:)``.
    func run(_ blobs: [BlobID], entries: [BlobEntry]) async throws -> Result {
        let states = Dictionary(entries.map { ($0.name, $0.state) }, uniquingKeysWith: { first, _ in first })
        let places = Set(blobs.map { BlobCopies.place(of: $0) }).sorted()
        try await BackupThreads.run {
            try target.make()
            for place in places { try target.folder(place).make() }
        }
        let sizes = try await BackupThreads.map(blobs) { blob in
            switch states[blob.fileName] {
            case .copied(let digest): try copy(blob, digest)
            case .missing: nil as Int?
            // The list and the database are one sealed file: only a fault of the program brings this about.
            case .shredded, nil: throw BackupFailure.missingBlob(blob.fileName, snapshot: "\(snapshot)")
            }
        }
        if isDurable {
            _ = try await BackupThreads.map(places) { try target.folder($0).sync() }
            try await BackupThreads.run { try target.sync() }
        }
        let copied = sizes.compactMap(\.self)
        return Result(documents: copied.count, bytes: copied.reduce(0, +), missing: sizes.count - copied.count)
    }

    private func copy(_ blob: BlobID, _ expected: FileDigest) throws -> Int {
        try BackupThreads.checkCancellation()
        let place = BlobLayout.path(of: blob)
        guard let input = try InputFile("\(source.blobs.path)/\(place)") else {
            throw BackupFailure.missingBlob(blob.fileName, snapshot: "\(snapshot)")
        }
        let file = try NewFile(at: "\(target.path)/\(place).partial", calls: target.calls)
        guard try input.copy(to: file) == expected else { throw BackupFailure.changedBlob(blob.fileName, snapshot: "\(snapshot)") }
        try file.commit(as: "\(target.path)/\(place)", isDurable: isDurable)
        return expected.size
    }
}
