import Glibc
import Ledger
import ServerSettings

/// The anchor file at a start: what was told to the world once shows whether the ledger was rolled back.
enum Anchor {
    /// As much of the file's end as is read; the newest lines are there, and a line is at most a quarter of it.
    private static let tail = 4 * 131_072

    /// The largest size in the newest checkpoints of `FAXLOCK_AUDIT_ANCHOR_FILE`; nil without a file.
    /// - Throws: ``Server/Refusal`` when there is a file and it cannot be read, or is not empty and has no checkpoint.
    static func size(_ settings: Settings) throws -> Int64? {
        guard let path = settings.auditAnchorFile, access(path, F_OK) == 0 else { return nil }
        func refusal(_ why: String) -> Server.Refusal {
            Server.Refusal(
                message:
                    "The anchor file \(path) (FAXLOCK_AUDIT_ANCHOR_FILE) \(why). It shows whether events were removed: find out why first.")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw refusal("cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let end = lseek(file, 0, SEEK_END)
        guard end >= 0 else { throw refusal("cannot be read: \(String(cString: strerror(errno)))") }
        guard end > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: min(Int(end), tail))
        let offset = end - off_t(bytes.count)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, offset) }
        guard count == bytes.count else { throw refusal("cannot be read") }
        let sizes = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            AnchorFile.note(line: Array(line)).flatMap { Checkpoint(text: $0.text) }?.size
        }
        guard let size = sizes.max() else { throw refusal("has no checkpoint at its end") }
        return size
    }
}
