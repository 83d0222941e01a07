package import FaxModel
import Glibc
package import Vault

/// The folder of backups.
///
/// ```
/// DIR/snapshots/20261122T083000Z-1.fxb   sealed: manifest, list of blobs, database without its keys
/// DIR/blobs/xx/NAME                      sealed documents as in the data folder; each is copied once
/// DIR/incoming/                          unfinished files; all of it may be removed when no backup runs
/// DIR/lock                               held with flock(2) by a backup or drill
/// ```
package struct BackupFolder: Sendable {
    /// Without a slash at its end.
    package let path: String
    let calls: FileCalls

    package init(_ path: String, calls: FileCalls = .system) {
        self.path = path
        self.calls = calls
    }

    var snapshots: DiskFolder { DiskFolder("\(path)/snapshots", calls: calls) }
    var blobs: DiskFolder { DiskFolder("\(path)/blobs", calls: calls) }
    var incoming: DiskFolder { DiskFolder("\(path)/incoming", calls: calls) }

    /// The names of all snapshots, oldest first. Blocks.
    /// - Throws: ``BackupFailure``.
    package func names() throws -> [SnapshotName] {
        try snapshots.names().compactMap { SnapshotName(fileName: $0) }.sorted()
    }

    /// When the newest snapshot was made and the bytes of its file, without its blobs; nil when there is none. Needs no key. Blocks.
    /// - Throws: ``BackupFailure``.
    package func newest() throws -> (time: Timestamp, size: Int)? {
        guard let name = try names().last, let size = try snapshots.size(of: name.fileName) else { return nil }
        return (name.time, size)
    }

    /// Makes what is missing of the folder, and removes what an interrupted backup left.
    func prepare() throws(BackupFailure) {
        let folder = DiskFolder(path, calls: calls)
        try folder.make()
        for part in [snapshots, blobs, incoming] { try part.make() }
        for name in try incoming.names() { try incoming.remove(name) }
    }

    /// Runs `body` while no other process works in the folder.
    /// - Throws: ``BackupFailure/busy``.
    func locked<Value>(_ body: () async throws -> Value) async throws -> Value {
        let lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw BackupFailure("The opening", path + "/lock", errno: errno) }
        defer { close(lock) }
        // A file system that knows no locks is no reason to go without backups.
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { throw BackupFailure.busy }
        return try await body()
    }

    /// Checks that no folder lies in another one or is the same. They exist. Blocks for a moment.
    /// - Throws: ``BackupFailure/notApart(_:_:)``.
    static func requireApart(_ paths: [String]) throws(BackupFailure) {
        var real: [String] = []
        for path in paths {
            guard let resolved = realpath(path, nil) else { throw BackupFailure("The look-up", path, errno: errno) }
            defer { free(resolved) }
            real.append(String(cString: resolved) + "/")
        }
        for (index, one) in real.enumerated() {
            for other in real.indices where other != index && real[other].hasPrefix(one) { throw .notApart(paths[index], paths[other]) }
        }
    }
}
