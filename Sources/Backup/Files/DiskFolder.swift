import Glibc
import Vault

/// A folder that backups write to or read from. Its calls block.
struct DiskFolder: Sendable {
    /// Without a slash at its end.
    let path: String
    let calls: FileCalls

    init(_ path: String, calls: FileCalls = .system) {
        self.path = path
        self.calls = calls
    }

    func folder(_ name: String) -> DiskFolder { DiskFolder("\(path)/\(name)", calls: calls) }

    /// Makes the folder, mode 0700, if it is not there; the one above it exists.
    /// - Returns: whether it was made.
    @discardableResult
    func make() throws(BackupFailure) -> Bool {
        guard mkdir(path, 0o700) != 0 else {
            try DiskFolder("\(path)/..", calls: calls).sync()
            return true
        }
        guard errno == EEXIST else { throw BackupFailure("The creation", path, errno: errno) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw BackupFailure("The look-up", path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .system(path, operation: "The use as a folder", errno: ENOTDIR) }
        return false
    }

    /// The names of its entries; none when it is not there.
    func names() throws(BackupFailure) -> [String] {
        guard let stream = opendir(path) else {
            if errno == ENOENT { return [] }
            throw BackupFailure("The listing", path, errno: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw BackupFailure("The listing", path, errno: errno) }
                return names
            }
            // The kernel ends each name with a zero byte within `d_name`.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// The bytes of a regular file, or nil when there is none of that name.
    func size(of name: String) throws(BackupFailure) -> Int? {
        var status = stat()
        guard lstat("\(path)/\(name)", &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw BackupFailure("The look-up", "\(path)/\(name)", errno: errno)
        }
        return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    /// What tells that a file is still the one that was read; nil when there is none of that name.
    func stamp(of name: String) throws(BackupFailure) -> FileStamp? {
        var status = stat()
        guard lstat("\(path)/\(name)", &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw BackupFailure("The look-up", "\(path)/\(name)", errno: errno)
        }
        return FileStamp(
            inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec))
    }

    /// Removes a file; one that is not there is fine.
    func remove(_ name: String) throws(BackupFailure) {
        guard unlink("\(path)/\(name)") == 0 || errno == ENOENT else {
            throw BackupFailure("The removal", "\(path)/\(name)", errno: errno)
        }
    }

    /// Removes the folder and what is in it, as far as the system lets us.
    func removeAll() {
        for name in (try? names()) ?? [] where unlink("\(path)/\(name)") != 0 && (errno == EISDIR || errno == EPERM) {
            folder(name).removeAll()
        }
        rmdir(path)
    }

    /// Makes what was made, renamed and removed in the folder durable.
    func sync() throws(BackupFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupFailure("The opening", path, errno: errno) }
        defer { close(descriptor) }
        let code = calls.sync(descriptor)
        // Some network file systems know no fsync of folders; they are synchronous by themselves.
        guard code == 0 || code == EINVAL else { throw BackupFailure("The fsync", path, errno: code) }
    }
}

/// Which file it is and when it was last written.
struct FileStamp: Sendable, Hashable {
    let inode: UInt64
    let size: Int64
    let seconds: Int64
    let nanoseconds: Int64
}
