package import FaxModel
package import Vault

/// Sealed documents: the blob folder, the keys and the database as one thing.
package struct Documents: Sendable {
    package let store: FaxStore
    private let folder: BlobFolder

    package init(store: FaxStore, folder: BlobFolder) {
        self.store = store
        self.folder = folder
    }

    /// Begins a new document. Its bytes are sealed as they are appended; nothing of it is acknowledged before ``DocumentWriter/finish()``
    /// and the commit of the row that names it.
    package func create(_ kind: BlobKind) async throws -> sending DocumentWriter {
        var generator = SystemRandomNumberGenerator()
        let name = FaxID(now: store.clock(), using: &generator).text
        guard let id = DocumentID(name) else { throw StoreFailure.unknownDocument(name) }
        let epoch = try await store.currentEpoch()
        let key = DataKey()
        let wrapped = try store.keyRing.wrap(key, document: id, epoch: epoch)
        let blob = BlobID(document: id, kind: kind)
        let writer = folder.create(BlobHeader(id: blob, epoch: epoch), key: key)
        return DocumentWriter(id: id, kind: kind, wrappedKey: wrapped, createdAt: store.clock(), blob: writer)
    }

    /// Opens a document for reading.
    /// - Throws: ``StoreFailure/unknownDocument(_:)``, or the vault's error when blob or key are missing or damaged.
    package func open(_ id: DocumentID) async throws -> BlobReader {
        let document = try await store.document(id)
        let key = try store.keyRing.unwrap(
            WrappedDataKey(epoch: document.epoch, sealed: document.wrappedKey), document: id)
        return try await folder.open(document.blob, key: key)
    }

    /// Removes what interrupted uploads and renderings left in the folder for unfinished files. Only before the first ``create(_:)``.
    package func removeTemporaries() async throws {
        try await folder.removeTemporaries()
    }

    /// Removes blobs that no row names: a stop between a blob's commit and its row's left them, and nobody was promised anything.
    /// - Parameter start: when this server started; younger blobs may be waiting for their rows and are left alone.
    /// - Returns: how many blobs were removed.
    package func removeOrphans(before start: Timestamp) async throws -> Int {
        // The id begins with the milliseconds at which it was made.
        let blobs = try await folder.list().filter { blob in
            Int64(blob.document.rawValue.prefix(12), radix: 16).map { $0 < start.milliseconds } ?? false
        }
        let known = try await store.knownDocuments(among: blobs.map(\.document))
        let orphans = blobs.filter { !known.contains($0.document) }
        for orphan in orphans { try await folder.remove(orphan) }
        return orphans.count
    }

    /// Removes the blob of a document that was never committed.
    package func discard(_ document: StoredDocument) async throws {
        try await folder.remove(document.blob)
    }
}
