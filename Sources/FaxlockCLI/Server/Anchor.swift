import Glibc
import Ledger
import ServerSettings
import Store

/// The anchor file at a start: what was told to the world once shows whether the ledger was rolled back.
enum Anchor {
    /// As much of the file's end as is read; the newest lines are there, and a line is at most a quarter of it.
    private static let tail = 4 * 131_072

    /// What the newest line of `FAXLOCK_AUDIT_ANCHOR_FILE` says.
    /// - Throws: ``Server/Refusal`` when there is a file and it cannot be read, or is not empty and has no checkpoint.
    static func read(_ settings: Settings) throws -> LedgerOptions.Anchor {
        guard let path = settings.auditAnchorFile else { return .none }
        func refusal(_ why: String) -> Server.Refusal {
            Server.Refusal(
                message:
                    "The anchor file \(path) (FAXLOCK_AUDIT_ANCHOR_FILE) \(why). It shows whether events were removed: find out why first.")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if file < 0, errno == ENOENT { return .missing }
        guard file >= 0 else { throw refusal("cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let end = lseek(file, 0, SEEK_END)
        guard end >= 0 else { throw refusal("cannot be read: \(String(cString: strerror(errno)))") }
        guard end > 0 else { return .missing }
        var bytes = [UInt8](repeating: 0, count: min(Int(end), tail))
        let offset = end - off_t(bytes.count)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, offset) }
        guard count == bytes.count else { throw refusal("cannot be read") }
        // The last line may be torn by a crash; the one before it is whole.
        let size = bytes.split(separator: UInt8(ascii: "\n")).suffix(2).compactMap { line in
            AnchorFile.note(line: Array(line)).flatMap { Checkpoint(text: $0.text) }?.size
        }.last
        guard let size else { throw refusal("has no checkpoint at its end") }
        return .size(size)
    }
}
