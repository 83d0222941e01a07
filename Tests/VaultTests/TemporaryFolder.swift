import Glibc
import Testing

/// An empty folder for one test, removed with all that is in it.
struct TemporaryFolder {
    let path: String

    static func with<Value>(_ body: (TemporaryFolder) async throws -> Value) async throws -> Value {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        return try await body(folder)
    }

    init() throws {
        var template = Array("/tmp/faxlock-vault-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
        path = String(cString: try #require(made))
    }

    func remove() {
        for file in files() { unlink("\(path)/\(file)") }
        // Subfolders come after the folder that holds them, so the reverse order empties each before its turn.
        var folders: [String] = [""]
        visit("") { if $1 { folders.append($0) } }
        for folder in folders.reversed() { rmdir("\(path)/\(folder)") }
    }

    /// Paths of all entries but folders, relative to the folder.
    func files() -> [String] {
        var found: [String] = []
        visit("") { if !$1 { found.append($0) } }
        return found.sorted()
    }

    /// Calls `body` with each entry's path relative to the folder, and whether it is a folder itself.
    private func visit(_ sub: String, _ body: (String, Bool) -> Void) {
        guard let stream = opendir("\(path)/\(sub)") else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let relative = sub.isEmpty ? name : "\(sub)/\(name)"
            let isFolder = Int32(entry.pointee.d_type) == Int32(DT_DIR)
            body(relative, isFolder)
            if isFolder { visit(relative, body) }
        }
    }

    func read(_ name: String) throws -> [UInt8] {
        let file = open("\(path)/\(name)", O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return out }
            out.append(contentsOf: buffer[..<count])
        }
    }

    func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o600) throws {
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(file >= 0)
        defer { close(file) }
        try #require(fchmod(file, mode) == 0)
        try #require(bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count)
    }

    func mode(of name: String) -> mode_t {
        var status = stat()
        return stat("\(path)/\(name)", &status) == 0 ? status.st_mode & 0o7777 : 0
    }
}
