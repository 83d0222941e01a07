/// Where a part of the tree or its leaves is in an export (C2SP tlog-tiles).
struct Tile: Sendable, Hashable {
    /// What it holds.
    enum Content: Sendable, Hashable {
        /// Hashes of level 0 and up: of leaves, of 256 leaves, of 65,536 leaves, ...
        case hashes(level: Int)
        case entries
    }

    let content: Content
    let index: Int64
    /// 1 to 256 hashes or leaves; fewer than 256 only in the last tile.
    let width: Int

    static let fullWidth = 256

    /// Below the export's folder: `tile/0/x001/234` or `tile/entries/007.p/12`.
    var path: String {
        let level =
            switch content {
            case .hashes(let level): "\(level)"
            case .entries: "entries"
            }
        return "tile/\(level)/\(Self.path(of: index))\(width < Self.fullWidth ? ".p/\(width)" : "")"
    }

    /// The index in groups of three digits, all but the last after an `x`.
    private static func path(of index: Int64) -> String {
        var rest = index
        var path = threeDigits(rest % 1000)
        while rest >= 1000 {
            rest /= 1000
            path = "x\(threeDigits(rest % 1000))/\(path)"
        }
        return path
    }

    private static func threeDigits(_ number: Int64) -> String {
        (number < 10 ? "00" : number < 100 ? "0" : "") + "\(number)"
    }
}
