import Crypto
import Glibc

/// A file that is read from its beginning to its end. Its calls block.
final class InputFile {
    static let blockLength = 1 << 18

    let path: String
    private let descriptor: Int32

    /// - Returns: nil when there is no such file.
    init?(_ path: String) throws(BackupFailure) {
        self.path = path
        // O_NONBLOCK: a pipe that somebody put there must not hang us.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw BackupFailure("The opening", path, errno: errno)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next bytes; none at the end.
    func next(upTo length: Int = blockLength) throws(BackupFailure) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            while count < length {
                let got = read(descriptor, buffer.baseAddress.map { $0 + count }, length - count)
                if got > 0 {
                    count += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw BackupFailure("The reading", path, errno: failure) }
        return bytes
    }

    /// Copies all of it, or only reads it.
    /// - Returns: what was read: bytes and their SHA-256.
    func copy(to file: NewFile?) throws(BackupFailure) -> FileDigest {
        var hash = SHA256()
        var size = 0
        while true {
            let bytes = try next()
            if bytes.isEmpty { return FileDigest(size: size, sha256: Array(hash.finalize())) }
            hash.update(data: bytes)
            size += bytes.count
            try file?.write(bytes)
        }
    }
}

/// What a file is, to the byte.
struct FileDigest: Sendable, Hashable {
    /// Bytes.
    let size: Int
    /// 32 bytes.
    let sha256: [UInt8]
}
