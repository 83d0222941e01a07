import Glibc

/// The system calls that can fail for want of space or a healthy disk, so that a test can make them fail.
/// Each gives 0 or the error number.
package struct FileCalls: Sendable {
    /// Writes all bytes to a descriptor.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int32
    /// Makes a descriptor's file or folder durable.
    package var sync: @Sendable (Int32) -> Int32
    /// Renames within an open folder.
    package var rename: @Sendable (Int32, String, String) -> Int32

    /// The system's own.
    package static let system = FileCalls(
        write: { descriptor, bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return 0
        },
        sync: { fsync($0) == 0 ? 0 : errno },
        rename: { renameat($0, $1, $0, $2) == 0 ? 0 : errno })
}
