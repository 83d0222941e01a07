/// An epoch's key as the database keeps it. Destroying every copy of it shreds the epoch's documents, backups included.
package struct WrappedEpochKey: Sendable, Equatable {
    package let epoch: EpochName
    /// Which key-encryption key wrapped it.
    package let wrappedBy: KeyID
    /// 60 bytes: nonce, sealed key, tag.
    package let sealed: [UInt8]

    package init(epoch: EpochName, wrappedBy: KeyID, sealed: [UInt8]) {
        self.epoch = epoch
        self.wrappedBy = wrappedBy
        self.sealed = sealed
    }
}

/// What a root key is for.
package enum RootKey: String, Sendable, Hashable, CaseIterable {
    /// Values of database columns that hold PHI.
    case columns
    /// HMACs by which such columns are searched for equality.
    case blindIndex
    /// HMACs that stand for values in the audit log.
    case auditPepper
    /// The Ed25519 seed (RFC 8032 section 5.1.5) that signs the audit log's tree heads.
    case ledgerSigning
}

/// A root key as the database keeps it.
package struct WrappedRootKey: Sendable, Equatable {
    package let root: RootKey
    /// Which key-encryption key wrapped it.
    package let wrappedBy: KeyID
    /// 60 bytes: nonce, sealed key, tag.
    package let sealed: [UInt8]

    package init(root: RootKey, wrappedBy: KeyID, sealed: [UInt8]) {
        self.root = root
        self.wrappedBy = wrappedBy
        self.sealed = sealed
    }
}

/// A document's data key as the database keeps it.
package struct WrappedDataKey: Sendable, Equatable {
    /// Whose key wrapped it.
    package let epoch: EpochName
    /// 60 bytes: nonce, sealed key, tag.
    package let sealed: [UInt8]

    package init(epoch: EpochName, sealed: [UInt8]) {
        self.epoch = epoch
        self.sealed = sealed
    }
}
