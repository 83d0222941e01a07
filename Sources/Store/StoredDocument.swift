package import FaxModel
package import Vault

/// What the database keeps about a sealed blob: where it is and the wrapped key that opens it.
package struct StoredDocument: Sendable {
    package let id: DocumentID
    package let kind: BlobKind
    package let epoch: EpochName
    /// The data key, wrapped by the epoch's key.
    package let wrappedKey: [UInt8]
    /// Bytes of plaintext.
    package let size: Int
    /// Of the plaintext.
    package let sha256: [UInt8]
    package let createdAt: Timestamp

    package init(
        id: DocumentID, kind: BlobKind, epoch: EpochName, wrappedKey: [UInt8], size: Int, sha256: [UInt8],
        createdAt: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.epoch = epoch
        self.wrappedKey = wrappedKey
        self.size = size
        self.sha256 = sha256
        self.createdAt = createdAt
    }

    /// Its file in the blob folder.
    package var blob: BlobID { BlobID(document: id, kind: kind) }
}
