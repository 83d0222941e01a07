/// Makes proofs in one pass over the hashes of the leaves, and keeps of them only what the proofs are made of.
package struct MerkleProofs: Sendable {
    /// For each proof, the ranges of leaves whose roots it lists.
    private let proofs: [[Range<Int64>]]
    private let size: Int64
    private let needed: Set<Subtree>
    private var found: [Subtree: MerkleHash] = [:]
    private var frontier = Frontier()

    /// Proofs that each of `indexes` is in the tree of `size` leaves (RFC 6962 2.1.1), in their order.
    /// Nil when one is not.
    package init?(including indexes: [Int64], size: Int64) {
        guard indexes.allSatisfy({ $0 >= 0 && $0 < size }) else { return nil }
        self.init(proofs: indexes.map { Self.path(to: $0, in: 0..<size) }, size: size)
    }

    /// One proof that the tree of `old` leaves is the beginning of the tree of `size` leaves (RFC 6962 2.1.2).
    /// Nil unless `1 <= old <= size`.
    package init?(from old: Int64, to size: Int64) {
        guard old >= 1, old <= size else { return nil }
        self.init(proofs: [Self.subproof(of: old, in: 0..<size)], size: size)
    }

    private init(proofs: [[Range<Int64>]], size: Int64) {
        self.proofs = proofs
        self.size = size
        needed = Set(proofs.joined().flatMap { Subtree.parts(of: $0) })
    }

    /// Takes the hash of the next leaf; what is beyond the tree's size is ignored.
    package mutating func append(_ leaf: MerkleHash) {
        let index = frontier.size
        guard index < size else { return }
        let needed = needed
        frontier.append(leaf, noting: &found) { found, height, root in
            let subtree = Subtree(height: height, index: index >> height)
            if needed.contains(subtree) { found[subtree] = root }
        }
    }

    /// The root of the tree and the proofs. Nil as long as leaves are missing.
    package var result: (root: MerkleHash, proofs: [[MerkleHash]])? {
        guard frontier.size == size else { return nil }
        let hashes = proofs.map { $0.map { range in Frontier.root(of: Subtree.parts(of: range).compactMap { found[$0] }) } }
        return (frontier.root, hashes)
    }

    /// PATH(m, D[n]) of RFC 6962 2.1.1, the leaf's sibling first.
    private static func path(to index: Int64, in leaves: Range<Int64>) -> [Range<Int64>] {
        guard leaves.upperBound - leaves.lowerBound > 1 else { return [] }
        let middle = split(leaves)
        return index < middle
            ? path(to: index, in: leaves.lowerBound..<middle) + [middle..<leaves.upperBound]
            : path(to: index, in: middle..<leaves.upperBound) + [leaves.lowerBound..<middle]
    }

    /// SUBPROOF(m, D[n], b) of RFC 6962 2.1.2; `b` is true on the left edge.
    private static func subproof(of old: Int64, in leaves: Range<Int64>) -> [Range<Int64>] {
        if old == leaves.upperBound { return leaves.lowerBound == 0 ? [] : [leaves] }
        let middle = split(leaves)
        return old <= middle
            ? subproof(of: old, in: leaves.lowerBound..<middle) + [middle..<leaves.upperBound]
            : subproof(of: old, in: middle..<leaves.upperBound) + [leaves.lowerBound..<middle]
    }

    /// After the largest power of 2 that is less than the number of leaves.
    private static func split(_ leaves: Range<Int64>) -> Int64 {
        let last = leaves.upperBound - leaves.lowerBound - 1
        return leaves.lowerBound + (1 << (63 - last.leadingZeroBitCount))
    }
}
