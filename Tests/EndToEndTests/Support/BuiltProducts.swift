import Glibc

/// Where the executables and the files of this package are.
enum BuiltProducts {
    /// The `faxlock` that was built with these tests: it stands beside the test bundle.
    static let faxlock = folder(of: executable) + "/faxlock"
    /// The folder of this target's sources.
    static let tests = folder(of: folder(of: #filePath))
    /// The repository.
    static let repository = folder(of: folder(of: tests))

    static func folder(of path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    private static var executable: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }
}
