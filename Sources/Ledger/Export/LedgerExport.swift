import Glibc

/// Writes a ledger as a folder that third-party tools can read (C2SP tlog-tiles), and ``LedgerVerifier`` can verify.
///
/// - `checkpoint`: the latest signed checkpoint. It is written last: a folder without it is an export that was cut short.
/// - `tile/<level>/<n>`, `tile/entries/<n>`: hashes and events, 256 each; the last of a level is `<n>.p/<width>`.
/// - `checkpoints`: all signed checkpoints, the oldest first, as an ``AnchorFile``.
/// - `anchors/<n>-<name>`: copies of the anchors that the server knows, for those who have no others. They prove nothing.
/// - `key`: the verifier key as text. It proves nothing: an auditor has it from elsewhere.
package enum LedgerExport {
    /// What was written.
    package struct Summary: Sendable, Hashable {
        package let leaves: Int64
        package let root: MerkleHash
    }

    /// Writes an export; a damaged ledger is written as it is, and the verifier tells of it. It blocks its thread, and holds one
    /// batch of leaves and a tile of each level.
    /// - Parameters:
    ///   - path: of a folder that is not there yet.
    ///   - checkpoint: the latest.
    ///   - key: what the ledger began with.
    ///   - anchors: paths of files to copy.
    ///   - checkpoints: gives the next signed checkpoints, the oldest first and the latest last, and nil at the end.
    ///   - leaves: gives the next leaves, from the first on, as many as `checkpoint` has, and nil at the end.
    /// - Throws: ``LedgerExportError``, and what the closures throw. The folder stays behind then.
    package static func write(
        to path: String, checkpoint: SignedNote, key: VerifierKey, anchors: [String] = [],
        checkpoints: () throws -> [SignedNote]?, leaves: () throws -> [[UInt8]]?
    ) throws -> Summary {
        var folder = try FolderWriter(path: path)
        try folder.write(Array("\(key)\n".utf8), to: "key")
        let summary = try write(leaves, into: &folder)
        let list = try folder.create("checkpoints")
        defer { close(list) }
        while let notes = try checkpoints() {
            try folder.append(notes.flatMap { AnchorFile.line($0) }, to: list, name: "checkpoints")
        }
        for (number, anchor) in anchors.enumerated() { try copy(anchor, number: number, into: &folder) }
        try folder.makeDurable()
        try folder.write(checkpoint.bytes, to: "checkpoint")
        try folder.makeDurable()
        return summary
    }

    private static func write(_ leaves: () throws -> [[UInt8]]?, into folder: inout FolderWriter) throws -> Summary {
        var stack = TileStack()
        var entries: [UInt8] = []
        while let batch = try leaves() {
            for leaf in batch {
                let sequence = stack.frontier.size
                guard let length = UInt16(exactly: leaf.count) else { throw LedgerExportError.leafTooLong(sequence: sequence) }
                entries.append(UInt8(length >> 8))
                entries.append(UInt8(length & 0xFF))
                entries += leaf
                try stack.append(MerkleHash(leaf: leaf)) { tile, hashes in
                    try folder.write(hashes, to: tile.path)
                    guard case .hashes(level: 0) = tile.content else { return }
                    try folder.write(entries, to: Tile(content: .entries, index: tile.index, width: tile.width).path)
                    entries.removeAll(keepingCapacity: true)
                }
            }
        }
        for (tile, hashes) in stack.partial {
            try folder.write(hashes, to: tile.path)
            guard case .hashes(level: 0) = tile.content else { continue }
            try folder.write(entries, to: Tile(content: .entries, index: tile.index, width: tile.width).path)
        }
        return Summary(leaves: stack.frontier.size, root: stack.frontier.root)
    }

    private static func copy(_ anchor: String, number: Int, into folder: inout FolderWriter) throws(LedgerExportError) {
        let source = open(anchor, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else {
            throw .failed(operation: "read the anchor", path: anchor, number: errno, message: String(cString: strerror(errno)))
        }
        defer { close(source) }
        let name = "anchors/\(number)-\(anchor.split(separator: "/").last ?? "anchor")"
        let target = try folder.create(name)
        defer { close(target) }
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = piece.withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw .failed(operation: "read the anchor", path: anchor, number: errno, message: String(cString: strerror(errno)))
            }
            if count == 0 { return }
            try folder.append(Array(piece[..<count]), to: target, name: name)
        }
    }
}
