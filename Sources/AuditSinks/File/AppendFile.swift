import Glibc

/// A file of lines that only grows: opened for appending, mode 0600, synced before an append counts.
///
/// Its calls block; a sink runs them on the threads of a pool. Descriptor and path never change, and the kernel serialises the rest.
final class AppendFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Opens the file; makes it when it is missing, and then syncs its folder.
    /// - Throws: ``AuditSinkError``.
    init(_ path: String) throws {
        self.path = path
        // Not blocking: to open a pipe or a device would wait for its other end. Reading is for the last byte.
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        var opened = open(path, flags)
        if opened < 0, errno == ENOENT {
            opened = open(path, flags | O_CREAT | O_EXCL, 0o600)
            if opened >= 0 { try Self.syncFolder(of: path, closing: opened) }
            if opened < 0, errno == EEXIST { opened = open(path, flags) }
        }
        guard opened >= 0 else { throw AuditSinkError("opening the audit file", path, errno: errno) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw AuditSinkError("the audit file \(path) is not a regular file; name another")
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Whether `path` still is this file; not after it was moved by a rotation of logs, or removed.
    var isInPlace: Bool {
        var here = stat()
        var there = stat()
        return fstat(descriptor, &here) == 0 && lstat(path, &there) == 0 && here.st_ino == there.st_ino && here.st_dev == there.st_dev
    }

    /// Appends whole lines; durable when this returns. A line that a crash or a full disk cut is ended first, so that it damages none of these.
    /// - Throws: ``AuditSinkError``; then any of the bytes may be in the file.
    func append(_ lines: [UInt8]) throws {
        var bytes = lines[...]
        if try endsInTheMiddleOfALine() { bytes = [0x0A] + bytes }
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw AuditSinkError("writing the audit file", path, errno: errno)
            }
            bytes = bytes.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw AuditSinkError("syncing the audit file", path, errno: errno) }
    }

    private func endsInTheMiddleOfALine() throws -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw AuditSinkError("reading the audit file", path, errno: errno) }
        guard status.st_size > 0 else { return false }
        var last: UInt8 = 0
        guard pread(descriptor, &last, 1, status.st_size - 1) == 1 else {
            throw AuditSinkError("reading the audit file", path, errno: errno)
        }
        return last != 0x0A
    }

    /// Makes the file's name durable. The file is closed when that fails, and there is nothing in it yet.
    private static func syncFolder(of path: String, closing file: Int32) throws {
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if opened >= 0 { close(opened) } }
        guard opened >= 0, fsync(opened) == 0 else {
            let code = errno
            close(file)
            throw AuditSinkError("syncing the folder of the audit file", path, errno: code)
        }
    }
}
