import Glibc

/// Small files that hold a key. These calls block for a moment: they belong to start-up and to commands, not to request handling.
package enum SecretFile {
    /// A key file has 100 bytes, a wrapped one some hundred: whatever fills this is neither.
    package static let maximumLength = 8192

    /// Writes a new file, mode 0600, durable (file and folder) when this returns.
    ///
    /// The file gets its name only when its content is durable, so a crash leaves the whole file or none under that name; what it may leave
    /// is `path.new-…` with a key that nothing uses.
    ///
    /// - Throws: ``KeyFileError/exists(_:)`` when anything has that name, ``KeyFileError/system(_:operation:errno:)``.
    package static func create(
        _ content: borrowing SecretBytes, at path: String, calls: FileCalls = .system
    ) throws(KeyFileError) {
        guard faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 else { throw .exists(path) }
        let unfinished = "\(path).new-\(Hex.encode([UInt8].random(count: 8)))"
        let file = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .system(path, operation: "creation", errno: errno) }
        defer {
            close(file)
            unlink(unfinished)
        }
        // The umask may have taken rights away, never given any; 0600 is what the operator expects to see.
        guard fchmod(file, 0o600) == 0 else { throw .system(path, operation: "chmod", errno: errno) }
        let writing = content.withBytes { calls.write(file, $0) }
        guard writing == 0 else { throw .system(path, operation: "write", errno: writing) }
        let syncing = calls.sync(file)
        guard syncing == 0 else { throw .system(path, operation: "fsync", errno: syncing) }
        // Unlike a rename, a link never replaces a file that somebody else made meanwhile.
        guard link(unfinished, path) == 0 else {
            throw errno == EEXIST ? .exists(path) : .system(path, operation: "creation", errno: errno)
        }
        do throws(KeyFileError) {
            try syncFolder(of: path, calls: calls)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Reads a file that nobody else may touch. A symbolic link is followed (secret mounts use them); the rights are those of its target.
    ///
    /// - Throws: ``KeyFileError``.
    package static func read(_ path: String) throws(KeyFileError) -> SecretBytes {
        // O_NONBLOCK: opening a pipe must not hang the start.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw errno == ENOENT ? .missing(path) : .system(path, operation: "opening", errno: errno)
        }
        defer { close(file) }
        try FileRights.check(file, path: path)
        var text = SecretBytes(capacity: maximumLength)
        while !text.isFull {
            let count = text.fill { Glibc.read(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(path, operation: "read", errno: errno) }
            if count == 0 { return text }
        }
        throw .malformed(path)
    }

    private static func syncFolder(of path: String, calls: FileCalls) throws(KeyFileError) {
        let folder: String
        switch path.lastIndex(of: "/") {
        case path.startIndex?: folder = "/"
        case let slash?: folder = String(path[..<slash])
        case nil: folder = "."
        }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path, operation: "opening the folder", errno: errno) }
        defer { close(descriptor) }
        let syncing = calls.sync(descriptor)
        guard syncing == 0 else { throw .system(path, operation: "fsync of the folder", errno: syncing) }
    }
}
