package import FaxModel
package import Vault

/// Sealed documents: the blob folder, the keys and the database as one thing.
package struct Documents: Sendable {
    package let store: FaxStore
    let folder: BlobFolder
    /// Whether each upload is sealed under an epoch of its own, so that its destruction reaches into every backup.
    private let hasZeroRetention: Bool

    /// - Parameter hasZeroRetention: `FAXLOCK_ZERO_RETENTION`.
    package init(store: FaxStore, folder: BlobFolder, hasZeroRetention: Bool = false) {
        self.store = store
        self.folder = folder
        self.hasZeroRetention = hasZeroRetention
    }

    /// Begins a new document. Its bytes are sealed as they are appended; nothing of it is acknowledged before ``DocumentWriter/finish()``
    /// and the commit of the row that names it.
    /// - Parameter upload: the upload of which this is made; it is sealed under the same epoch where that is not a month.
    package func create(_ kind: BlobKind, of upload: DocumentID? = nil) async throws -> sending DocumentWriter {
        var generator = SystemRandomNumberGenerator()
        let name = FaxID(now: store.clock(), using: &generator).text
        guard let id = DocumentID(name) else { throw StoreFailure.unknownDocument(name) }
        let epoch =
            if let upload {
                try await store.epoch(beside: upload)
            } else if hasZeroRetention, kind == .upload {
                try await store.epochOfOneFax()
            } else {
                try await store.currentEpoch()
            }
        let key = DataKey()
        let wrapped = try store.keyRing.wrap(key, document: id, epoch: epoch)
        let blob = BlobID(document: id, kind: kind)
        let writer = folder.create(BlobHeader(id: blob, epoch: epoch), key: key)
        return DocumentWriter(id: id, kind: kind, wrappedKey: wrapped, createdAt: store.clock(), blob: writer)
    }

    /// Opens a document for reading.
    /// - Throws: ``StoreFailure/unknownDocument(_:)``, ``StoreFailure/shredded(id:at:)``, or the vault's error when blob or key are missing
    ///   or damaged.
    package func open(_ id: DocumentID) async throws -> BlobReader {
        try await open(try await store.document(id))
    }

    func open(_ document: StoredDocument) async throws -> BlobReader {
        let key = try store.keyRing.unwrap(
            WrappedDataKey(epoch: document.epoch, sealed: document.wrappedKey), document: document.id)
        return try await folder.open(document.blob, key: key)
    }

    /// Removes what interrupted uploads and renderings left in the folder for unfinished files. Only before the first ``create(_:)``.
    package func removeTemporaries() async throws {
        try await folder.removeTemporaries()
    }

    /// Removes blobs that no row names (a stop between a blob's commit and its row's left them, and nobody was promised anything), and
    /// those of shredded documents, which an older copy of the folder may have brought back.
    /// - Parameter start: when this server started; younger blobs may be waiting for their rows and are left alone.
    /// - Returns: how many blobs were removed.
    package func removeOrphans(before start: Timestamp) async throws -> Int {
        let blobs = try await folder.list().filter { blob in
            blob.document.madeAt.map { $0 < start } ?? false
        }
        let known = try await store.knownDocuments(among: blobs.map(\.document))
        let orphans = blobs.filter { !known.contains($0.document) }
        for orphan in orphans { try await folder.remove(orphan) }
        return orphans.count
    }

    /// Removes the files of shredded documents; they are gone for good when this returns.
    ///
    /// - Returns: how many.
    /// - Throws: the first error, when all others were tried.
    package func removeShredded() async throws -> Int {
        let (removed, failures) = try await removeShreddedFiles()
        if let first = failures.first { throw first }
        return removed
    }

    /// Removes the files of shredded documents, as ``removeShredded()`` does.
    ///
    /// A file that cannot be removed, or is not known from its row, does not keep the others; the next call tries it again.
    /// - Parameters:
    ///   - afterFile: called after each file; what it throws ends the call.
    ///   - limit: documents that are noted in one transaction.
    /// - Returns: how many, and why the others were not.
    package func removeShreddedFiles(
        limit: Int = 100, afterFile: @Sendable () async throws -> Void = {}
    ) async throws -> (removed: Int, failures: [any Error]) {
        var removed = 0
        var failures: [any Error] = []
        var last = ""
        while true {
            let page = try await store.blobsToRemove(after: last, limit: limit)
            guard let end = page.last else { break }
            failures += page.damaged
            var gone: [DocumentID] = []
            for blob in page.blobs {
                do {
                    try await folder.remove(blob)
                } catch {
                    failures.append(error)
                    continue
                }
                gone.append(blob.document)
                try await afterFile()
            }
            try await store.noteRemoved(gone)
            removed += gone.count
            last = end
        }
        return (removed, failures)
    }

    /// Removes the blob of a document that was never committed.
    package func discard(_ document: StoredDocument) async throws {
        try await folder.remove(document.blob)
    }
}
