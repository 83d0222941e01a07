/// Grows a tree leaf by leaf and cuts it into tiles of hashes; holds one tile of each level.
struct TileStack: Sendable {
    private(set) var frontier = Frontier()
    /// The hashes of the last tile of each level, which is not full yet.
    private var open: [[UInt8]] = []

    private static let heightOfTile = 8

    /// Appends a leaf and tells of each tile that it fills.
    @inline(__always)
    mutating func append(_ leaf: MerkleHash, full: (Tile, [UInt8]) throws -> Void) rethrows {
        let index = frontier.size
        try frontier.append(leaf, noting: &open) { open, height, root in
            guard height & (Self.heightOfTile - 1) == 0 else { return }
            let level = height / Self.heightOfTile
            if level == open.count {
                open.append([])
                open[level].reserveCapacity(Tile.fullWidth * MerkleHash.size)
            }
            root.withUnsafeBytes { open[level].append(contentsOf: $0) }
            guard open[level].count == Tile.fullWidth * MerkleHash.size else { return }
            try full(Tile(content: .hashes(level: level), index: index >> (height + Self.heightOfTile), width: Tile.fullWidth), open[level])
            open[level].removeAll(keepingCapacity: true)
        }
    }

    /// The partial tiles of the tree as it is.
    var partial: [(tile: Tile, hashes: [UInt8])] {
        open.enumerated().compactMap { level, hashes in
            guard !hashes.isEmpty else { return nil }
            let index = frontier.size >> (Self.heightOfTile * (level + 1))
            return (Tile(content: .hashes(level: level), index: index, width: hashes.count / MerkleHash.size), hashes)
        }
    }
}
