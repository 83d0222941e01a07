import Glibc

/// A file of checkpoints, read line by line: an anchor, or the list in an export.
final class CheckpointSource {
    /// What the report calls it.
    let name: String
    private let descriptor: Int32
    /// Whether the file is one signed note as it is, not a list of lines.
    private var isBareNote: Bool

    /// A six years' ledger that is busy each minute has three millions.
    static let maximumRecords = 5_000_000
    private static let pieceSize = 65_536

    /// Takes `descriptor` over. A file that is not a bare note for sure may turn out to be one.
    init(name: String, descriptor: Int32, isBareNote: Bool = false) {
        self.name = name
        self.descriptor = descriptor
        self.isBareNote = isBareNote
    }

    deinit {
        close(descriptor)
    }

    /// Tells of each line's checkpoint, or nil where there is none, until `body` says that it is enough.
    /// Returns false when the file cannot be read to its end, or has a line that is too long to be one.
    func forEachLine(_ body: (_ line: Int, _ offset: Int64, _ length: Int, _ checkpoint: Checkpoint?) -> Bool) -> Bool {
        var line: [UInt8] = []
        var number = 0
        var offset: Int64 = 0
        var lineStart: Int64 = 0
        while true {
            guard let piece = read(at: offset, count: Self.pieceSize) else { return false }
            if piece.isEmpty { break }
            if offset == 0, isBareNote || piece[0] != UInt8(ascii: "{") {
                isBareNote = true
                return readBareNote(body)
            }
            var start = 0
            while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
                line += piece[start...end]
                number += 1
                guard line.count <= AnchorFile.maximumLineSize else { return false }
                guard body(number, lineStart, line.count, checkpoint(line)) else { return true }
                lineStart = offset + Int64(end) + 1
                line.removeAll(keepingCapacity: true)
                start = end + 1
            }
            line += piece[start...]
            guard line.count <= AnchorFile.maximumLineSize else { return false }
            offset += Int64(piece.count)
        }
        // A line that a crash cut short says nothing; it is told as one without a checkpoint.
        if !line.isEmpty { _ = body(number + 1, lineStart, line.count, checkpoint(line)) }
        return true
    }

    private func readBareNote(_ body: (Int, Int64, Int, Checkpoint?) -> Bool) -> Bool {
        guard let bytes = read(at: 0, count: SignedNote.maximumSize + 1), bytes.count <= SignedNote.maximumSize else { return false }
        _ = body(1, 0, bytes.count, SignedNote(bytes).flatMap { Checkpoint(text: $0.text) })
        return true
    }

    private func checkpoint(_ line: [UInt8]) -> Checkpoint? {
        AnchorFile.note(line: line).flatMap { Checkpoint(text: $0.text) }
    }

    /// The note of a line that was told.
    func note(of record: CheckpointRecord) -> SignedNote? {
        guard let bytes = read(at: record.offset, count: record.length) else { return nil }
        return isBareNote ? SignedNote(bytes) : AnchorFile.note(line: bytes)
    }

    /// Up to `count` bytes; fewer only at the end of the file. Nil when the file cannot be read.
    private func read(at offset: Int64, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var total = 0
        while total < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + total }, count - total, off_t(offset) + off_t(total))
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { return nil }
            if got == 0 { break }
            total += got
        }
        bytes.removeLast(count - total)
        return bytes
    }
}
