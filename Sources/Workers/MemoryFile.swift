import CProcess
import Glibc

/// A file that exists only in memory (memfd_create(2)): how plaintext pages and documents reach a worker without touching a disk.
///
/// The kernel frees it with its last descriptor.
package final class MemoryFile: Sendable {
    /// A system call on the file failed.
    package struct Failure: Error, CustomStringConvertible {
        let call: String
        let code: Int32
        package var description: String { "\(call) of a memory file failed: \(String(cString: strerror(code)))" }
    }

    /// Open for reading and writing, closed in children unless passed to them.
    package let descriptor: Int32

    /// - Throws: ``Failure`` when the machine is out of descriptors or memory.
    package init() throws {
        // The name shows in /proc only; it says nothing of the contents.
        descriptor = cprocess_memory_file("faxlock")
        guard descriptor >= 0 else { throw Failure(call: "memfd_create", code: errno) }
    }

    deinit { close(descriptor) }

    /// Appends bytes. Only memory is written, so this does not block.
    package func append(_ bytes: some Sequence<UInt8>) throws {
        if try bytes.withContiguousStorageIfAvailable({ try write(UnsafeRawBufferPointer($0)) }) == nil {
            try Array(bytes).withUnsafeBytes { try write($0) }
        }
    }

    /// Moves the read position to the start: a child that inherits the descriptor reads from there.
    package func rewind() {
        lseek(descriptor, 0, SEEK_SET)
    }

    /// Bytes in the file.
    package var count: Int {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    package func read(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, offset + filled)
                if got < 0 {
                    if errno == EINTR { continue }
                    throw Failure(call: "pread", code: errno)
                }
                if got == 0 { break }
                filled += got
            }
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(call: "write", code: errno)
            }
            rest = rest.dropFirst(count)
        }
    }
}

extension Slice where Base == UnsafeRawBufferPointer {
    fileprivate var baseAddress: UnsafeRawPointer? { UnsafeRawBufferPointer(rebasing: self).baseAddress }
}
