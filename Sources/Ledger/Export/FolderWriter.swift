import Glibc

/// Writes files below a new folder, for its owner only, and makes them durable together at the end.
struct FolderWriter {
    let path: String
    private var files: [String] = []
    private var folders: Set<String> = []

    /// Makes the folder.
    init(path: String) throws(LedgerExportError) {
        self.path = path
        guard mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { throw .folderExists(path) }
            throw Self.failure("make the folder", path)
        }
    }

    private static func failure(_ operation: String, _ path: String) -> LedgerExportError {
        let number = errno
        return .failed(operation: operation, path: path, number: number, message: String(cString: strerror(number)))
    }

    /// Writes a new file, its folders too.
    mutating func write(_ bytes: [UInt8], to name: String) throws(LedgerExportError) {
        let file = try create(name)
        defer { close(file) }
        try append(bytes, to: file, name: name)
    }

    /// Opens a new file, to be written by ``append(_:to:name:)``. The caller closes it.
    mutating func create(_ name: String) throws(LedgerExportError) -> Int32 {
        try makeFolders(of: name)
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure("create", "\(path)/\(name)") }
        files.append(name)
        return file
    }

    func append(_ bytes: [UInt8], to file: Int32, name: String) throws(LedgerExportError) {
        var total = 0
        while total < bytes.count {
            let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress.map { $0 + total }, bytes.count - total) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Self.failure("write", "\(path)/\(name)") }
            total += written
        }
    }

    private mutating func makeFolders(of name: String) throws(LedgerExportError) {
        var end = name.startIndex
        while let slash = name[end...].firstIndex(of: "/") {
            let folder = String(name[..<slash])
            if !folders.contains(folder) {
                guard mkdir("\(path)/\(folder)", 0o700) == 0 || errno == EEXIST else {
                    throw Self.failure("make the folder", "\(path)/\(folder)")
                }
                folders.insert(folder)
            }
            end = name.index(after: slash)
        }
    }

    /// Returns when all is on the disk.
    ///
    /// One sync before the files' own: thousands of small files would else cost a commit of the file system each. Theirs are for what
    /// it does not tell: a write that failed.
    func makeDurable() throws(LedgerExportError) {
        sync()
        for file in files { try makeDurable("\(path)/\(file)", O_RDONLY) }
        for folder in folders { try makeDurable("\(path)/\(folder)", O_RDONLY | O_DIRECTORY) }
        try makeDurable(path, O_RDONLY | O_DIRECTORY)
    }

    private func makeDurable(_ path: String, _ flags: Int32) throws(LedgerExportError) {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure("write to the disk", path) }
    }
}
