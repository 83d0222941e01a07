import Foundation

/// An empty folder for one test, removed with all that is in it.
struct TemporaryFolder: Sendable {
    let path: String

    static func with(_ body: (TemporaryFolder) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "faxlock-webhooks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(TemporaryFolder(path: path))
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }
}
