import Glibc
package import NIOPosix

/// Sealed documents in a local folder. All file work runs on the threads of a pool, never on the tasks' own.
package final class BlobFolder: Sendable {
    /// Eight threads for every folder of the process: fsyncs in flight at once share the disk's journal commits.
    package static let sharedPool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 8)
        pool.start()
        return pool
    }()

    /// Whose documents these are; it is part of every blob's context.
    package let tenant: TenantID
    let folderSync: FolderSync
    private let root: OpenFile
    private let calls: FileCalls
    private let pool: NIOThreadPool

    private init(root: OpenFile, tenant: TenantID, pool: NIOThreadPool, calls: FileCalls) {
        self.tenant = tenant
        self.root = root
        self.calls = calls
        self.pool = pool
        folderSync = FolderSync(root: root, calls: calls, pool: pool)
    }

    /// Opens a folder of blobs; makes it (mode 0700) and its subfolders when they are missing, and syncs them.
    ///
    /// - Parameters:
    ///   - path: the folder; the one above it exists.
    ///   - tenant: whose documents these are.
    ///   - pool: a started pool.
    ///   - calls: for tests that need a failing disk.
    /// - Throws: ``BlobError``.
    package static func open(
        at path: String, tenant: TenantID, pool: NIOThreadPool = sharedPool, calls: FileCalls = .system
    ) async throws -> BlobFolder {
        let root = try await pool.runIfActive { try prepare(path) }
        return BlobFolder(root: root, tenant: tenant, pool: pool, calls: calls)
    }

    /// A writer for a new blob. Nothing is on disk before its first 256 KiB or its commit.
    package func create(_ header: BlobHeader, key: DataKey) -> BlobWriter {
        let file = SealedFile(header: header, key: key, tenant: tenant, folder: root, calls: calls)
        return BlobWriter(folder: self, header: header, file: file)
    }

    /// Opens a blob. Its header, its key and its length are verified when this returns; each chunk is when it is read.
    ///
    /// - Throws: ``BlobError/missing(_:)``, ``BlobError/malformed(_:)``, ``BlobError/foreign(found:)``,
    ///   ``BlobError/unverified(_:)``, ``BlobError/system(operation:errno:)``.
    package func open(_ id: BlobID, key: DataKey) async throws -> BlobReader {
        try await run { [root, tenant] in
            let file: OpenFile
            do throws(BlobError) {
                file = try OpenFile(BlobLayout.path(of: id), in: root, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            } catch {
                throw error == .system(operation: "opening", errno: ENOENT) ? .missing(id) : error
            }
            return try BlobReader.open(file, id: id, key: key, tenant: tenant, folder: self)
        }
    }

    /// Removes a blob; durable when this returns. False when there was none.
    ///
    /// - Throws: ``BlobError/system(operation:errno:)``.
    @discardableResult
    package func remove(_ id: BlobID) async throws -> Bool {
        let existed = try await run { [root] in
            if unlinkat(root.descriptor, BlobLayout.path(of: id), 0) == 0 { return true }
            guard errno == ENOENT else { throw BlobError("removal", errno: errno) }
            return false
        }
        try await folderSync.sync(BlobLayout.folder(of: id.document))
        return existed
    }

    /// All committed blobs, in no order. Files with other names are left out.
    package func list() async throws -> [BlobID] {
        try await run { [root] in
            var ids: [BlobID] = []
            for folder in BlobLayout.folders {
                for name in try FolderListing.names(in: folder, of: root) {
                    if let id = BlobID(fileName: name), BlobLayout.folder(of: id.document) == folder { ids.append(id) }
                }
            }
            return ids
        }
    }

    /// Removes what writers left that a crash or kill ended. Call it at start, before the first ``create(_:key:)``.
    ///
    /// - Returns: the number of files removed.
    @discardableResult
    package func removeTemporaries() async throws -> Int {
        let count = try await run { [root] in
            let names = try FolderListing.names(in: BlobLayout.incoming, of: root)
            for name in names where unlinkat(root.descriptor, "\(BlobLayout.incoming)/\(name)", 0) != 0 {
                guard errno == ENOENT else { throw BlobError("removal", errno: errno) }
            }
            return names.count
        }
        if count > 0 { try await folderSync.sync(BlobLayout.incoming) }
        return count
    }

    /// Runs blocking work on the pool. Work that has begun is not cancelled.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive(work)
    }

    /// Takes back a blob whose name could not be made durable, as far as a failing disk allows.
    func discard(_ id: BlobID) async {
        _ = try? await run { [root] in _ = unlinkat(root.descriptor, BlobLayout.path(of: id), 0) }
    }

    private static func prepare(_ path: String) throws -> OpenFile {
        if mkdir(path, 0o700) == 0 {
            let above = try OpenFile("\(path)/..", flags: O_RDONLY | O_DIRECTORY)
            guard fsync(above.descriptor) == 0 else { throw BlobError("fsync", errno: errno) }
        } else if errno != EEXIST {
            throw BlobError("creation of the folder", errno: errno)
        }
        let root = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY, operation: "opening the folder")
        for name in BlobLayout.folders + [BlobLayout.incoming] {
            guard mkdirat(root.descriptor, name, 0o700) == 0 || errno == EEXIST else {
                throw BlobError("creation of a subfolder", errno: errno)
            }
        }
        // Also when they were there: a start that was killed may have made but not synced them.
        guard fsync(root.descriptor) == 0 else { throw BlobError("fsync", errno: errno) }
        return root
    }
}
