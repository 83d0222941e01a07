import Glibc

/// Reads the document by position, so that the descriptor's own offset does not matter.
struct DocumentBytes {
    let descriptor: Int32

    /// Bytes of the whole document.
    var count: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// At most `length` bytes from `offset`; fewer at the end.
    func read(at offset: Int, length: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: max(0, length)) { buffer, used in
            while used < length {
                let count = pread(descriptor, buffer.baseAddress.map { $0 + used }, length - used, off_t(offset + used))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                used += count
            }
        }
    }
}
