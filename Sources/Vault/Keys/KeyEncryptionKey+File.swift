/// These calls block for a moment: they belong to start-up and to commands, not to request handling.
extension KeyEncryptionKey {
    /// Makes a random key and writes it to a new file, mode 0600, durable (file and folder) when this returns.
    ///
    /// - Throws: ``KeyFileError/exists(_:)`` when anything has that name, ``KeyFileError/system(_:operation:errno:)``.
    package static func create(at path: String, calls: FileCalls = .system) throws(KeyFileError) -> KeyEncryptionKey {
        let key = KeyEncryptionKey()
        try SecretFile.create(key.fileText, at: path, calls: calls)
        return key
    }

    /// Reads a key file. A symbolic link is followed (secret mounts use them); the rights are those of its target.
    ///
    /// - Throws: ``KeyFileError``.
    package init(contentsOf path: String) throws(KeyFileError) {
        try self.init(text: try SecretFile.read(path), origin: path)
    }
}
