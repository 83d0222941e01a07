import Glibc
import Store
import Vault

/// The key-encryption key of a data folder: read, or made on the first start.
struct KeyFile {
    let key: KeyEncryptionKey
    /// Whether this start made the file.
    let isNew: Bool

    /// - Throws: ``StoreFailure/missingKeyFile(path:expected:)`` when there is sealed data and no key: a new key would open nothing, and
    ///   would hide that the old one is missed.
    init(path: String, folder: DataFolder) throws {
        guard access(path, F_OK) != 0 else {
            key = try KeyEncryptionKey(contentsOf: path)
            isNew = false
            return
        }
        if let expected = try FaxStore.keyID(ofDatabaseAt: folder.database) {
            throw StoreFailure.missingKeyFile(path: path, expected: expected)
        }
        key = try KeyEncryptionKey.create(at: path)
        isNew = true
    }
}
