import Glibc

/// Reads files below a folder that may be hostile: only regular files, no symbolic link in the last place, up to a length.
struct FolderReader: ~Copyable {
    private let descriptor: Int32

    /// What came of reading a file.
    enum Outcome: Hashable {
        /// All of it, this many bytes.
        case read(Int)
        case missing
        /// Not a regular file, longer than the buffer, or unreadable: what to say of it.
        case refused(String)
    }

    /// Nil when there is no such folder, or it cannot be read.
    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Opens a file for reading. The caller closes it.
    func openFile(_ path: String) -> (descriptor: Int32, size: Int64)? {
        let file = openat(descriptor, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            errno = EINVAL
            return nil
        }
        return (file, Int64(status.st_size))
    }

    /// Reads a file whole into the beginning of `buffer`, whose count is the limit.
    func read(_ path: String, into buffer: inout [UInt8]) -> Outcome {
        guard let (file, size) = openFile(path) else {
            return errno == ENOENT || errno == ENOTDIR ? .missing : .refused("\(path) is not a file that can be read")
        }
        defer { close(file) }
        guard size <= buffer.count else { return .refused("\(path) is longer than such a file can be") }
        let count = buffer.withUnsafeMutableBytes { bytes in
            var count = 0
            while count < bytes.count {
                let got = Glibc.read(file, bytes.baseAddress.map { $0 + count }, bytes.count - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { return -1 }
                if got == 0 { break }
                count += got
            }
            return count
        }
        return count < 0 ? .refused("\(path) cannot be read") : .read(count)
    }
}
