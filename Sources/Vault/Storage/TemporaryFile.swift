import Glibc
import Synchronization

/// A blob's file until its commit. When the last reference goes before that, the file goes too.
final class TemporaryFile: Sendable {
    private let folder: OpenFile
    private let file: OpenFile
    private let calls: FileCalls
    private let name: String
    private let isGone = Atomic(false)

    /// Creates an empty file, mode 0600, in the folder of unfinished blobs.
    init(in folder: OpenFile, calls: FileCalls) throws(BlobError) {
        let name = "\(BlobLayout.incoming)/\(Hex.encode([UInt8].random(count: 12)))"
        file = try OpenFile(name, in: folder, flags: O_WRONLY | O_CREAT | O_EXCL, operation: "creation")
        self.folder = folder
        self.calls = calls
        self.name = name
    }

    deinit { remove() }

    /// Removes the file, unless it has its final name. A failed or aborted writer calls this on the pool; the
    /// deinitialiser is for writers that a cancelled task forgot.
    func remove() {
        guard !isGone.exchange(true, ordering: .relaxed) else { return }
        unlinkat(folder.descriptor, name, 0)
    }

    func write(_ bytes: [UInt8]) throws(BlobError) {
        let code = bytes.withUnsafeBytes { calls.write(file.descriptor, $0) }
        guard code == 0 else { throw BlobError("write", errno: code) }
    }

    /// Makes the content durable and gives the file its name; the name is durable after a sync of its folder.
    func rename(to id: BlobID) throws(BlobError) {
        let path = BlobLayout.path(of: id)
        let code = calls.sync(file.descriptor)
        guard code == 0 else { throw BlobError("fsync", errno: code) }
        // Ids are random and a writer is made once for each; this catches a caller that reuses one, which would lose a
        // document.
        guard faccessat(folder.descriptor, path, F_OK, 0) != 0 else { throw .exists(id) }
        let renaming = calls.rename(folder.descriptor, name, path)
        guard renaming == 0 else { throw BlobError("rename", errno: renaming) }
        isGone.store(true, ordering: .relaxed)
    }
}
