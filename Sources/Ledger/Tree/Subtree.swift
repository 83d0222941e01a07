/// A perfect subtree: the leaves `index * 2^height ..< (index + 1) * 2^height`.
struct Subtree: Sendable, Hashable {
    let height: Int
    let index: Int64

    /// The perfect subtrees, the largest first, of which the root over `leaves` is made.
    /// - Parameter leaves: begins at a multiple of the power of 2 that is not under its count, as the parts of a tree do.
    static func parts(of leaves: Range<Int64>) -> [Subtree] {
        var parts: [Subtree] = []
        var start = leaves.lowerBound
        while start < leaves.upperBound {
            let height = 63 - (leaves.upperBound - start).leadingZeroBitCount
            parts.append(Subtree(height: height, index: start >> height))
            start += 1 << height
        }
        return parts
    }
}
