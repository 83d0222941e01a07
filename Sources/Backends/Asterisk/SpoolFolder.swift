import Glibc

/// A folder that this server shares with Asterisk. Files in it are named, never found by a path: a name has no slash, a link is not
/// followed, and what is no plain file is refused. Its functions block.
package final class SpoolFolder: Sendable {
    /// A system call failed, or what is there is not what may be there. No name of a file is in it.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        let reason: String
        /// Whether what is there may never be taken: no plain file, or too large. All else is this server's trouble and may pass.
        var isForeign = false
        package var description: String { reason }
    }

    let path: String
    private let descriptor: Int32

    /// - Throws: ``Failure`` when there is no such folder that can be used.
    package init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("the spool folder \(path) cannot be opened") }
        guard faccessat(descriptor, ".", R_OK | W_OK | X_OK, 0) == 0 else {
            close(descriptor)
            throw Self.failure("the spool folder \(path) cannot be written to")
        }
    }

    deinit { close(descriptor) }

    /// Whether a name is one that may be in a spool folder: letters, digits, `.`, `-` and `_`, not beginning with a dot.
    static func isName(_ name: some StringProtocol) -> Bool {
        (1...200).contains(name.utf8.count) && name.first != "."
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    /// Opens a file for reading.
    /// - Parameter limit: bytes; a longer file is refused.
    /// - Returns: nil when there is none.
    /// - Throws: ``Failure``, which is foreign for anything but a plain file with one name that is not too large.
    func openFile(_ name: String, limit: Int) throws -> SpoolFile? {
        guard Self.isName(name) else { throw Failure(reason: "a file of the spool has a name that none can have") }
        // Without O_NONBLOCK a pipe would hold this thread.
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        if file < 0, errno == ENOENT { return nil }
        // A link, and a socket.
        if file < 0, errno == ELOOP || errno == ENXIO { throw Self.noPlainFile }
        guard file >= 0 else { throw Self.failure("a file of the spool cannot be opened") }
        let opened = SpoolFile(descriptor: file)
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Self.failure("a file of the spool cannot be read") }
        // A file that is being removed has no name.
        if status.st_nlink == 0 { return nil }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else { throw Self.noPlainFile }
        guard status.st_size <= limit else { throw Failure(reason: "a file of the spool is larger than \(limit) bytes", isForeign: true) }
        opened.size = Int(status.st_size)
        opened.age = max(0, Int(time(nil)) - Int(status.st_mtim.tv_sec))
        return opened
    }

    /// Makes a file of mode 0640 that was not there.
    func create(_ name: String) throws -> SpoolFile {
        guard Self.isName(name) else { throw Failure(reason: "a file of the spool has a name that none can have") }
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw Self.failure("a file cannot be made in the spool folder") }
        let made = SpoolFile(descriptor: file)
        // The process's umask takes the group away, by which Asterisk reads.
        guard fchmod(file, 0o640) == 0 else { throw Self.failure("a file of the spool cannot be given its mode") }
        return made
    }

    /// Removes a file; one that is not there is none.
    func remove(_ name: String) throws {
        guard Self.isName(name) else { return }
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else { throw Self.failure("a file of the spool cannot be removed") }
    }

    /// Gives a file a name that nothing takes it by any more, for a person to look at.
    func setAside(_ name: String) throws {
        let other = name + ".unreadable"
        guard Self.isName(name), Self.isName(other), renameat(descriptor, name, descriptor, other) == 0 || errno == ENOENT else {
            throw Self.failure("a file of the spool cannot be renamed")
        }
    }

    /// Names in the folder, in order; those that cannot be are left out.
    func names() throws -> [String] {
        // A descriptor of its own: reading the folder moves a position.
        let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { throw Self.failure("the spool folder cannot be read") }
        guard let folder = fdopendir(own) else {
            close(own)
            throw Self.failure("the spool folder cannot be read")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    String(cString: $0)
                }
            }
            if Self.isName(name) { names.append(name) }
        }
        return names.sorted()
    }

    private static let noPlainFile = Failure(reason: "what is in the spool is no plain file", isForeign: true)

    private static func failure(_ what: String) -> Failure {
        Failure(reason: "\(what): \(String(cString: strerror(errno)))")
    }
}

/// An open file of the spool.
final class SpoolFile {
    private let descriptor: Int32
    /// Bytes, when it was opened.
    fileprivate(set) var size = 0
    /// Seconds since it was last written to, when it was opened.
    fileprivate(set) var age = 0

    fileprivate init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes from `offset`; fewer only at the end.
    func read(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, offset + filled)
                if got < 0 {
                    if errno == EINTR { continue }
                    throw SpoolFolder.Failure(reason: "a file of the spool cannot be read: \(String(cString: strerror(errno)))")
                }
                if got == 0 { break }
                filled += got
            }
        }
    }

    func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw SpoolFolder.Failure(reason: "the spool folder cannot be written to: \(String(cString: strerror(errno)))")
                }
                written += count
            }
        }
    }
}
