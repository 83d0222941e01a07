import Vault

/// Opens a sealed file from its beginning to its end; every byte that comes out is verified. Its calls block.
final class SealedInput {
    let path: String
    private let file: InputFile
    private var opener: ChunkOpener
    private var plaintext: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// - Parameter name: what the file must be.
    /// - Throws: ``BackupFailure/wrongBackupKey(file:expected:found:)``, ``BackupFailure/damaged(_:_:)``.
    init(_ path: String, kind: SealedKind, name: String, key: BackupKey) throws(BackupFailure) {
        self.path = path
        guard let file = try InputFile(path) else { throw .system(path, operation: "The opening", errno: 2) }
        self.file = file
        let header = try file.next(upTo: SealedKind.headerLength)
        guard header.count == SealedKind.headerLength, header.starts(with: kind.magic) else { throw .damaged(path, "it is no backup file") }
        guard header[4] == SealedKind.version else { throw .unknownVersion(path, Int(header[4])) }
        let id = HexDigits.encode(header[5...])
        guard id == key.id.rawValue else { throw .wrongBackupKey(file: path, expected: id, found: key.id.rawValue) }
        opener = ChunkOpener(key: try key.dataKey(for: kind), context: kind.context(name))
    }

    /// The id of the backup key that a file names, or nil when it is no sealed file of this kind.
    static func keyID(of path: String, kind: SealedKind) throws(BackupFailure) -> KeyID? {
        guard let header = try InputFile(path)?.next(upTo: SealedKind.headerLength), header.count == SealedKind.headerLength,
            header.starts(with: kind.magic)
        else { return nil }
        return KeyID(HexDigits.encode(header[5...]))
    }

    /// Exactly `count` bytes.
    /// - Throws: ``BackupFailure/damaged(_:_:)`` also when there are fewer.
    func read(_ count: Int) throws(BackupFailure) -> [UInt8] {
        var out: [UInt8] = []
        while out.count < count {
            let piece = try next(upTo: count - out.count)
            guard !piece.isEmpty else { throw .damaged(path, "it is too short") }
            out += piece
        }
        return out
    }

    /// A number of eight bytes, big endian, of at most `limit`.
    func readCount(upTo limit: Int) throws(BackupFailure) -> Int {
        let value = try read(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard value <= UInt64(limit) else { throw .damaged(path, "a length in it is impossible") }
        return Int(value)
    }

    /// The next bytes; none at the end, which is verified then.
    func next(upTo limit: Int = InputFile.blockLength) throws(BackupFailure) -> [UInt8] {
        while start == plaintext.count {
            if isAtEnd { return [] }
            try fill()
        }
        let end = min(start + limit, plaintext.count)
        defer { start = end }
        return start == 0 && end == plaintext.count ? plaintext : Array(plaintext[start..<end])
    }

    private func fill() throws(BackupFailure) {
        let sealed = try file.next()
        plaintext.removeAll(keepingCapacity: true)
        start = 0
        do throws(CobblestoneError) {
            if sealed.isEmpty {
                try opener.finish(into: &plaintext)
                isAtEnd = true
            } else {
                plaintext = try opener.append(sealed)
            }
        } catch {
            switch error {
            case .wrongKeyOrContext: throw .damaged(path, "its seal is of another file or was changed")
            case .truncated: throw .damaged(path, "it was cut")
            default: throw .damaged(path, "its seal does not verify")
            }
        }
    }
}
