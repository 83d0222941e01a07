import Crypto
import Synchronization

/// The keys of one tenant that this process may use: the key-encryption key, and what it unwrapped.
///
/// The ring keeps nothing on disk. Whoever calls persists the wrapped keys, and adopts them after the commit; so no
/// document is ever sealed under a key that a crash could lose.
package final class KeyRing: Sendable {
    private struct Keys {
        var epochs: [EpochName: SymmetricKey] = [:]
        var roots: [RootKey: SymmetricKey] = [:]
    }

    /// Whose keys these are; it is bound into everything that the ring wraps.
    package let tenant: TenantID
    private let current: KeyEncryptionKey
    private let retired: [KeyEncryptionKey]
    private let keys = Mutex(Keys())

    /// - Parameters:
    ///   - tenant: whose keys these are.
    ///   - key: wraps all new keys.
    ///   - retired: keys that still unwrap, until all that they wrapped has gone through `rewrap`.
    package init(tenant: TenantID, key: KeyEncryptionKey, retired: [KeyEncryptionKey] = []) {
        self.tenant = tenant
        self.current = key
        self.retired = retired
    }

    /// The fingerprint of the key-encryption key that wraps new keys.
    package var keyEncryptionKey: KeyID { current.id }

    /// The epochs whose keys the ring holds.
    package var epochs: Set<EpochName> { keys.withLock { Set($0.epochs.keys) } }

    // MARK: Epochs

    /// Makes a random epoch key. It cannot be used before ``adopt(_:)-(WrappedEpochKey)``: persist it first, and if
    /// another process was faster, adopt what the database has.
    package func makeEpoch(named epoch: EpochName) throws(KeyError) -> WrappedEpochKey {
        try wrapped(SymmetricKey(size: .bits256), epoch: epoch)
    }

    /// Unwraps an epoch key and takes it into use.
    ///
    /// - Throws: ``KeyError/wrongKey(expected:found:)``, ``KeyError/notAuthentic(_:)``, and ``KeyError/conflict(_:)``
    ///   when another key is in use under that name.
    package func adopt(_ wrapped: WrappedEpochKey) throws(KeyError) {
        let key = try unwrapped(wrapped)
        let inUse = keys.withLock { keys in
            let known = keys.epochs[wrapped.epoch] ?? key
            keys.epochs[wrapped.epoch] = known
            return known
        }
        guard inUse == key else { throw .conflict("epoch \(wrapped.epoch)") }
    }

    /// The same epoch key under the current key-encryption key, to replace the row that an older key wrapped.
    package func rewrap(_ wrapped: WrappedEpochKey) throws(KeyError) -> WrappedEpochKey {
        try self.wrapped(try unwrapped(wrapped), epoch: wrapped.epoch)
    }

    /// Drops an epoch's key from memory, after its row was destroyed.
    package func forget(_ epoch: EpochName) {
        keys.withLock { _ = $0.epochs.removeValue(forKey: epoch) }
    }

    // MARK: Data keys

    /// Wraps a document's key for the database.
    ///
    /// - Throws: ``KeyError/unknownEpoch(_:)``.
    package func wrap(_ key: DataKey, document: DocumentID, epoch: EpochName) throws(KeyError) -> WrappedDataKey {
        let sealed = try SealedBytes.wrap(
            key.key, under: try epochKey(epoch), as: "data key", binding: binding(document, epoch))
        return WrappedDataKey(epoch: epoch, sealed: sealed)
    }

    /// A document's key.
    ///
    /// - Throws: ``KeyError/unknownEpoch(_:)``; ``KeyError/notAuthentic(_:)`` when it was wrapped for another document.
    package func unwrap(_ wrapped: WrappedDataKey, document: DocumentID) throws(KeyError) -> DataKey {
        let key = try SealedBytes.unwrap(
            wrapped.sealed, under: try epochKey(wrapped.epoch), as: "data key",
            binding: binding(document, wrapped.epoch))
        guard let key = DataKey(key) else { throw .notAuthentic("data key") }
        return key
    }

    private func binding(_ document: DocumentID, _ epoch: EpochName) -> [UInt8] {
        SealedBytes.binding("faxlock/1/data-key", tenant.rawValue, epoch.rawValue, document.rawValue)
    }

    private func epochKey(_ epoch: EpochName) throws(KeyError) -> SymmetricKey {
        guard let key = keys.withLock({ $0.epochs[epoch] }) else { throw .unknownEpoch(epoch) }
        return key
    }

    // MARK: Roots

    /// Makes a random root key. Persist it, then ``adopt(_:)-(WrappedRootKey)`` it.
    package func makeRoot(_ root: RootKey) throws(KeyError) -> WrappedRootKey {
        try wrapped(SymmetricKey(size: .bits256), root: root)
    }

    /// Unwraps a root key and takes it into use. Errors as for epoch keys.
    package func adopt(_ wrapped: WrappedRootKey) throws(KeyError) {
        let key = try unwrapped(wrapped)
        let inUse = keys.withLock { keys in
            let known = keys.roots[wrapped.root] ?? key
            keys.roots[wrapped.root] = known
            return known
        }
        guard inUse == key else { throw .conflict("\(wrapped.root.rawValue) root") }
    }

    /// Takes a root key into use in place of another, after its row was replaced.
    package func replace(_ wrapped: WrappedRootKey) throws(KeyError) {
        let key = try unwrapped(wrapped)
        keys.withLock { $0.roots[wrapped.root] = key }
    }

    /// The same root key under the current key-encryption key.
    package func rewrap(_ wrapped: WrappedRootKey) throws(KeyError) -> WrappedRootKey {
        try self.wrapped(try unwrapped(wrapped), root: wrapped.root)
    }

    func rootKey(_ root: RootKey) throws(KeyError) -> SymmetricKey {
        guard let key = keys.withLock({ $0.roots[root] }) else { throw .missingRoot(root) }
        return key
    }

    // MARK: Wrapping

    private func wrapped(_ key: SymmetricKey, epoch: EpochName) throws(KeyError) -> WrappedEpochKey {
        let sealed = try SealedBytes.wrap(key, under: current.key, as: "epoch key", binding: binding(epoch))
        return WrappedEpochKey(epoch: epoch, wrappedBy: current.id, sealed: sealed)
    }

    private func wrapped(_ key: SymmetricKey, root: RootKey) throws(KeyError) -> WrappedRootKey {
        let sealed = try SealedBytes.wrap(key, under: current.key, as: "root key", binding: binding(root))
        return WrappedRootKey(root: root, wrappedBy: current.id, sealed: sealed)
    }

    private func unwrapped(_ wrapped: WrappedEpochKey) throws(KeyError) -> SymmetricKey {
        let outer = try keyEncryptionKey(wrapped.wrappedBy)
        return try SealedBytes.unwrap(wrapped.sealed, under: outer, as: "epoch key", binding: binding(wrapped.epoch))
    }

    func unwrapped(_ wrapped: WrappedRootKey) throws(KeyError) -> SymmetricKey {
        let outer = try keyEncryptionKey(wrapped.wrappedBy)
        return try SealedBytes.unwrap(wrapped.sealed, under: outer, as: "root key", binding: binding(wrapped.root))
    }

    private func binding(_ epoch: EpochName) -> [UInt8] {
        SealedBytes.binding("faxlock/1/epoch-key", tenant.rawValue, epoch.rawValue)
    }

    private func binding(_ root: RootKey) -> [UInt8] {
        SealedBytes.binding("faxlock/1/root-key", tenant.rawValue, root.rawValue)
    }

    private func keyEncryptionKey(_ id: KeyID) throws(KeyError) -> SymmetricKey {
        if id == current.id { return current.key }
        guard let key = retired.first(where: { $0.id == id })?.key else {
            throw .wrongKey(expected: id, found: current.id)
        }
        return key
    }
}
