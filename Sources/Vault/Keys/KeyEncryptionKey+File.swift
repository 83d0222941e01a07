import Glibc

/// These calls block for a moment: they belong to start-up and to commands, not to request handling.
extension KeyEncryptionKey {
    /// Makes a random key and writes it to a new file, mode 0600, durable (file and folder) when this returns.
    ///
    /// - Throws: ``KeyFileError/exists(_:)`` when anything has that name, ``KeyFileError/system(_:operation:errno:)``.
    package static func create(at path: String) throws(KeyFileError) -> KeyEncryptionKey {
        let key = KeyEncryptionKey()
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            throw errno == EEXIST ? .exists(path) : .system(path, operation: "creation", errno: errno)
        }
        do throws(KeyFileError) {
            defer { close(file) }
            // The umask may have taken rights away, never given any; 0600 is what the operator expects to see.
            guard fchmod(file, 0o600) == 0 else { throw .system(path, operation: "chmod", errno: errno) }
            let text = key.fileText
            let written = text.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard written == text.count else {
                throw .system(path, operation: "write", errno: written < 0 ? errno : ENOSPC)
            }
            guard fsync(file) == 0 else { throw .system(path, operation: "fsync", errno: errno) }
            try syncFolder(of: path)
        } catch {
            unlink(path)
            throw error
        }
        return key
    }

    /// Reads a key file. A symbolic link is followed (secret mounts use them); the rights are those of its target.
    ///
    /// - Throws: ``KeyFileError``.
    package init(contentsOf path: String) throws(KeyFileError) {
        // O_NONBLOCK: opening a pipe must not hang the start.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw errno == ENOENT ? .missing(path) : .system(path, operation: "opening", errno: errno)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system(path, operation: "stat", errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
        guard status.st_mode & 0o077 == 0 else { throw .readableByOthers(path, mode: status.st_mode & 0o7777) }
        guard status.st_uid == geteuid() || status.st_uid == 0 else { throw .wrongOwner(path, user: status.st_uid) }
        // A key file has about 100 bytes: whatever fills 1 KiB is none.
        var text = [UInt8](repeating: 0, count: 1024)
        let count = text.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .system(path, operation: "read", errno: errno) }
        guard count < text.count else { throw .malformed(path) }
        try self.init(text: Array(text[..<count]), origin: path)
    }

    private static func syncFolder(of path: String) throws(KeyFileError) {
        let folder: String
        switch path.lastIndex(of: "/") {
        case path.startIndex?: folder = "/"
        case let slash?: folder = String(path[..<slash])
        case nil: folder = "."
        }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path, operation: "opening the folder", errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(path, operation: "fsync of the folder", errno: errno) }
    }
}
