import Glibc

/// A file without a name, which exists as long as this does; libtiff opens it by ``path``.
final class TemporaryDocument {
    private let descriptor: Int32

    init(_ bytes: [UInt8] = []) throws {
        var name = Array("/tmp/t30-test-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw Failure() }
        unlink(name)
        guard bytes.isEmpty || write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure() }
    }

    deinit { close(descriptor) }

    var path: String { "/proc/self/fd/\(descriptor)" }

    struct Failure: Error {}
}
