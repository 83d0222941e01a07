import Glibc

/// All files under a folder. Links are not followed, and other file systems that are mounted there are not entered.
enum FolderWalk {
    private static let maximumDepth = 64

    /// Calls `body` with each path and its facts, folders too; false for what cannot be looked at.
    static func visit(_ folder: String, _ body: (_ path: String, _ status: stat?) -> Void) {
        var status = stat()
        guard lstat(folder, &status) == 0 else { return body(folder, nil) }
        visit(folder, device: status.st_dev, depth: 0, body)
    }

    private static func visit(_ folder: String, device: dev_t, depth: Int, _ body: (String, stat?) -> Void) {
        guard depth < maximumDepth, let names = names(in: folder) else { return body(folder, nil) }
        for name in names {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else {
                // Gone in the meantime is no loss.
                if errno != ENOENT { body(path, nil) }
                continue
            }
            body(path, status)
            if status.st_mode & S_IFMT == S_IFDIR, status.st_dev == device { visit(path, device: device, depth: depth + 1, body) }
        }
    }

    private static func names(in folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
