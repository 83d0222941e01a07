import Glibc

/// Files in a folder to which group or others have rights.
package enum OpenFiles {
    private static let maximum = 100

    /// Their paths, at most 100; blocks while it looks.
    package static func find(in folder: String) -> Seen<[String]> {
        var found: [String] = []
        var unreadable = 0
        FolderWalk.visit(folder) { path, status in
            guard let status else { return unreadable += 1 }
            if status.st_mode & S_IFMT != S_IFLNK, status.st_mode & 0o077 != 0, found.count < maximum { found.append(path) }
        }
        return unreadable > 0 && found.isEmpty ? .unknown("\(unreadable) files or folders cannot be looked at") : .value(found)
    }
}
