import Foundation

/// An empty folder for one test.
struct TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("faxlock-store-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// All files, as paths relative to the folder, with their bytes.
    func files() throws -> [String: Data] {
        var found: [String: Data] = [:]
        for file in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let url = URL(fileURLWithPath: path + "/" + file)
            if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true { found[file] = try Data(contentsOf: url) }
        }
        return found
    }
}
