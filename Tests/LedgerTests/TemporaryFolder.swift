import FoundationEssentials
import Glibc
import Testing

/// An empty folder for one test, removed with all that is in it.
struct TemporaryFolder {
    let path: String

    static func with<Value>(_ body: (TemporaryFolder) throws -> Value) throws -> Value {
        var template = Array("/tmp/faxlock-ledger-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
        let folder = TemporaryFolder(path: String(cString: try #require(made)))
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        return try body(folder)
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(path)/\(name)")))
    }

    /// Writes over what is there.
    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
}
