import FoundationEssentials

/// The files of this repository, as they lie beside these tests.
enum Repository {
    /// Its folder, without a slash at its end.
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

    /// Folders that may hold documentation; build folders and the like are left out.
    private static let folders = ["docs", "deploy", "Sources", "Tests", "Benchmarks", "Samples", "scripts"]

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(root)/\(path)")
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(path)")), as: UTF8.self)
    }

    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted()
    }

    /// All documentation of the repository.
    static func documents() throws -> [MarkdownFile] {
        var paths = try names(in: "")
        for folder in folders {
            paths += try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)").map { "\(folder)/\($0)" }
        }
        return try paths.filter { $0.hasSuffix(".md") }.sorted().map { MarkdownFile(path: $0, text: try text($0)) }
    }

    static func document(_ path: String) throws -> MarkdownFile {
        MarkdownFile(path: path, text: try text(path))
    }
}
