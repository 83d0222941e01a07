#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What reading the settings needs of the file system; tests pass their own.
package struct SettingFiles: Sendable {
    /// The bytes of a file; nil if it cannot be read or is larger than 1 MiB.
    package var readFile: @Sendable (String) -> [UInt8]?
    /// Whether the machine's time zone database has this name.
    package var hasTimeZone: @Sendable (String) -> Bool

    package init(
        readFile: @escaping @Sendable (String) -> [UInt8]?, hasTimeZone: @escaping @Sendable (String) -> Bool
    ) {
        self.readFile = readFile
        self.hasTimeZone = hasTimeZone
    }

    /// The machine's own.
    package static let live = SettingFiles(
        readFile: { contents(of: $0, maximumSize: 1 << 20) },
        hasTimeZone: { name in
            // RFC 9636 3.1: the magic of a compiled zone; a folder of zones (`America`) has none.
            contents(of: "/usr/share/zoneinfo/\(name)", maximumSize: 1 << 20)?.starts(with: Array("TZif".utf8)) ?? false
        })

    /// Reads to the end, so that pipes (`/dev/fd/63`) serve as well as files.
    private static func contents(of path: String, maximumSize: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = readPiece(descriptor, into: &piece)
            if count == 0 { return bytes }
            guard count > 0, bytes.count + count <= maximumSize else { return nil }
            bytes += piece[..<count]
        }
    }

    private static func readPiece(_ descriptor: Int32, into piece: inout [UInt8]) -> Int {
        while true {
            let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 || errno != EINTR { return count }
        }
    }
}
