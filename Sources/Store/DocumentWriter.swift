import FaxModel
package import Vault

/// A document that is being written and sealed. For one task at a time.
///
/// A writer that goes away without ``finish()`` leaves nothing behind.
package final class DocumentWriter {
    package let id: DocumentID
    private let kind: BlobKind
    private let wrappedKey: WrappedDataKey
    private let createdAt: Timestamp
    private let blob: BlobWriter

    init(id: DocumentID, kind: BlobKind, wrappedKey: WrappedDataKey, createdAt: Timestamp, blob: sending BlobWriter) {
        self.id = id
        self.kind = kind
        self.wrappedKey = wrappedKey
        self.createdAt = createdAt
        self.blob = blob
    }

    /// Bytes of plaintext so far.
    package var count: Int { blob.count }

    /// Seals more bytes.
    package func append(_ bytes: some Sequence<UInt8>) async throws {
        try await blob.append(bytes)
    }

    /// Makes the blob durable (fsync, rename, fsync of the folder).
    /// - Returns: what the database must keep of it.
    package func finish() async throws -> StoredDocument {
        let digest = try await blob.commit()
        return StoredDocument(
            id: id, kind: kind, epoch: wrappedKey.epoch, wrappedKey: wrappedKey.sealed, size: digest.count,
            sha256: digest.sha256, createdAt: createdAt)
    }

    /// Removes what was written.
    package func abort() async {
        await blob.abort()
    }
}
