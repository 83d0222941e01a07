import Foundation
import Testing

/// A folder for one test.
struct TemporaryFolder {
    let path: String

    static func with<Value>(_ body: (TemporaryFolder) async throws -> Value) async throws -> Value {
        let path = NSTemporaryDirectory() + "faxlock-sinks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(TemporaryFolder(path: path))
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func bytes(_ name: String) -> [UInt8] {
        (try? Data(contentsOf: URL(fileURLWithPath: file(name)))).map(Array.init) ?? []
    }

    /// The whole lines of a file; none when it is missing.
    func lines(_ name: String) -> [String] {
        let bytes = bytes(name)
        guard let end = bytes.lastIndex(of: 0x0A) else { return [] }
        return bytes[..<end].split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Asks again until something is there.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(90), _ body: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
        if let value = try await body() { return value }
        try #require(ContinuousClock.now < end, "not in time: \(what)")
        try await Task.sleep(for: .milliseconds(20))
    }
}
