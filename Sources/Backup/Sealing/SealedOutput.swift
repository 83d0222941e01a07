import Vault

/// Seals a new file while it is written. Its calls block.
struct SealedOutput {
    private let file: NewFile
    private let path: String
    private var sealer: ChunkSealer

    /// - Parameters:
    ///   - path: of the unfinished file.
    ///   - name: what the file will be, bound into the seal.
    init(at path: String, kind: SealedKind, name: String, key: BackupKey, calls: FileCalls) throws(BackupFailure) {
        self.path = path
        file = try NewFile(at: path, calls: calls)
        sealer = ChunkSealer(key: try key.dataKey(for: kind), context: kind.context(name))
        guard let id = HexDigits.decode(key.id.rawValue) else { throw .damaged(path, "the key has no id") }
        try file.write(kind.magic + [SealedKind.version] + id)
    }

    mutating func write(_ bytes: [UInt8]) throws(BackupFailure) {
        var sealed: [UInt8] = []
        sealed.reserveCapacity(bytes.count + bytes.count / 1024 + 64)
        do { try sealer.append(bytes, into: &sealed) } catch { throw .damaged(path, "sealing failed (\(error))") }
        if !sealed.isEmpty { try file.write(sealed) }
    }

    /// Seals the end. The file is whole, and has no name yet: the result gives it one.
    mutating func finish() throws(BackupFailure) -> NewFile {
        var sealed: [UInt8] = []
        do { try sealer.finish(into: &sealed) } catch { throw .damaged(path, "sealing failed (\(error))") }
        try file.write(sealed)
        return file
    }
}
