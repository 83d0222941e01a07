import Glibc

/// An open descriptor that closes itself. Immutable, and the kernel serialises what is done with a descriptor.
final class OpenFile: Sendable {
    let descriptor: Int32

    /// Opens `path` in the open folder `folder`, or by itself when there is none.
    init(
        _ path: String, in folder: OpenFile? = nil, flags: Int32, operation: String = "opening"
    ) throws(BlobError) {
        descriptor = openat(folder?.descriptor ?? AT_FDCWD, path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BlobError(operation, errno: errno) }
    }

    deinit { close(descriptor) }

    /// Bytes of the file.
    func length() throws(BlobError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw BlobError("stat", errno: errno) }
        return Int(status.st_size)
    }

    /// The bytes of `range`; fewer when the file ends before. The caller bounds the range by the file's length.
    func read(_ range: Range<Int>) throws(BlobError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let got = pread(
                    descriptor, buffer.baseAddress! + count, range.count - count, off_t(range.lowerBound + count))
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
        guard failure == 0 else { throw BlobError("read", errno: failure) }
        return bytes
    }
}
