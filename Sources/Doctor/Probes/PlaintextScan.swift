package import FaxModel
import Glibc

/// Reads files to see whether anything in them is not sealed (45 CFR 164.312(a)(2)(iv)).
package struct PlaintextScan: Sendable {
    /// What was found. Names of files of temporary folders are not in it: a name may be a patient's.
    package struct Report: Sendable, Hashable {
        package var files = 0
        package var bytes = 0
        /// Files of which only the beginning was read, since the limit was reached.
        package var partial = 0
        package var unreadable = 0
        /// Files with plaintext.
        package var count = 0
        /// The first of them, for people.
        package var findings: [String] = []

        package init() {}
    }

    private static let pieceBytes = 1 << 20
    private static let maximumFindings = 20

    /// Bytes after which only the first piece of each file is read.
    private let limit: Int
    private var report = Report()

    /// - Parameter limit: bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Reads every file of `data`, and in `temporaries` those of a user that were changed since a moment. Blocks for as long as that takes.
    /// - Parameter root: before each of `temporaries`: `/proc/PID/root` shows the folders that a process has to itself (systemd's
    ///   PrivateTmp=).
    package static func run(
        data: String, temporaries: [String], root: String = "", user: UInt32, since: Timestamp, limit: Int
    ) -> Report {
        var scan = PlaintextScan(limit: limit)
        FolderWalk.visit(data) { path, status in
            guard let status else { return scan.report.unreadable += 1 }
            if status.st_mode & S_IFMT == S_IFREG { scan.read(path, shownAs: path) }
        }
        for folder in temporaries.map({ root + $0 }) {
            FolderWalk.visit(folder) { path, status in
                guard let status else { return scan.noteClosed(path, user: user) }
                guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == user else { return }
                let changed = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
                if changed >= since.milliseconds { scan.read(path, shownAs: "\(folder) (find \(folder) -inum \(status.st_ino))") }
            }
        }
        return scan.report
    }

    /// Counts what could not be looked at, unless it is not there or another user's own.
    private mutating func noteClosed(_ path: String, user: UInt32) {
        var status = stat()
        if lstat(path, &status) == 0 ? status.st_uid == user : errno != ENOENT { report.unreadable += 1 }
    }

    private mutating func read(_ path: String, shownAs name: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            if errno != ENOENT { report.unreadable += 1 }
            return
        }
        defer { close(file) }
        report.files += 1
        var kinds: Set<PlaintextPattern.Kind> = []
        var kept: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        var isStart = true
        while true {
            let count = piece.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count < 0 {
                report.unreadable += 1
                break
            }
            if count == 0 { break }
            report.bytes += count
            kept += piece[..<count]
            kinds.formUnion(PlaintextPattern.find(in: kept[...], isStart: isStart))
            kept.removeFirst(max(0, kept.count - PlaintextPattern.overlap))
            isStart = false
            if report.bytes >= limit, count == Self.pieceBytes {
                report.partial += 1
                break
            }
        }
        guard !kinds.isEmpty else { return }
        report.count += 1
        if report.findings.count < Self.maximumFindings {
            report.findings.append("\(name): \(kinds.map(\.rawValue).sorted().joined(separator: ", "))")
        }
    }
}
