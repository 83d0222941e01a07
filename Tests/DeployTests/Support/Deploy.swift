import FoundationEssentials
import Testing

/// The reference configurations, as they lie in this repository.
enum Deploy {
    /// The repository's folder.
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    static let folder = "\(root)/deploy"

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\(path)")), as: UTF8.self)
    }

    /// A file with some of its text replaced, each of which must be there: an edit that no longer fits must not pass unseen.
    static func text(_ path: String, replacing edits: KeyValuePairs<String, String>) throws -> String {
        var text = try text(path)
        for (old, new) in edits {
            try #require(text.contains(old), "deploy/\(path) does not have: \(old)")
            text = text.replacing(old, with: new)
        }
        return text
    }

    /// All files, from `deploy/`, in order.
    static func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().filter { path in
            var isFolder = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder) && !isFolder
        }
    }
}
