import FoundationEssentials
import Glibc

/// The folder that holds everything durable: the database, the sealed blobs, and a lock that keeps a second server out.
///
/// ```
/// DIR/lock            held with flock(2) while a server runs
/// DIR/faxlock.db      SQLite; columns that hold PHI are sealed
/// DIR/blobs/          sealed documents
/// DIR/calls/          what line workers keep on record of the calls under way; no PHI
/// ```
package struct DataFolder: Sendable {
    /// Why the folder cannot be used.
    package enum Failure: Error, CustomStringConvertible {
        case cannotCreate(String, Int32)
        case inUse(String)
        case notAFolder(String)
        /// A restore did not come to its end here.
        case unfinishedRestore(String)

        package var description: String {
            switch self {
            case .cannotCreate(let path, let code):
                "The data folder \(path) cannot be used: \(String(cString: strerror(code))). Set FAX_DATA_DIR or --data to a folder that this user can write."
            case .inUse(let path):
                "Another faxlock server is running on the data folder \(path). Stop it first, or give this one a folder of its own with --data."
            case .notAFolder(let path): "\(path) is not a folder. Set FAX_DATA_DIR or --data to a folder."
            case .unfinishedRestore(let path):
                "A restore into \(path) did not come to its end. Give the same faxlock restore command again; it begins anew."
            }
        }
    }

    package let path: String
    /// Whether this start made the folder.
    package let isNew: Bool
    /// Kept open: closing it gives up the lock.
    private let lock: Int32

    package var database: String { path + "/faxlock.db" }
    package var blobs: String { path + "/blobs" }
    package var calls: String { path + "/calls" }

    /// Stands in a folder as long as a restore is not at its end.
    package static let restoreMark = "restore-unfinished"

    /// Makes the folder (mode 0700) if it is not there, and locks it until the process ends.
    /// - Parameter isRestoring: whether it is opened by the restore that its mark speaks of.
    package init(path: String, isRestoring: Bool = false) throws(Failure) {
        self.path = path
        var isNew = false
        var status = stat()
        if stat(path, &status) != 0 {
            guard mkdir(path, 0o700) == 0 else { throw .cannotCreate(path, errno) }
            try Self.synchronise(folder: path.hasPrefix("/") ? Self.parent(of: path) : "./" + Self.parent(of: path))
            isNew = true
        } else if status.st_mode & S_IFMT != S_IFDIR {
            throw .notAFolder(path)
        }
        self.isNew = isNew
        lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .cannotCreate(path, errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw .inUse(path)
        }
        guard isRestoring || access(path + "/" + Self.restoreMark, F_OK) != 0 else {
            close(lock)
            throw .unfinishedRestore(path)
        }
    }

    /// Gives the lock up, for a process that opens a folder twice in its life (tests).
    package func unlock() {
        close(lock)
    }

    private static func parent(of path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        return (path.hasPrefix("/") ? "/" : "") + (parts.isEmpty && !path.hasPrefix("/") ? "." : parts.joined(separator: "/"))
    }

    private static func synchronise(folder: String) throws(Failure) {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotCreate(folder, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .cannotCreate(folder, errno) }
    }
}
