/// What must be remembered of a Merkle tree to append to it: the roots of its perfect subtrees, the largest first.
///
/// A tree of `n` leaves has one of them for each bit that is set in `n`.
package struct Frontier: Sendable, Hashable {
    /// The number of leaves.
    package private(set) var size: Int64
    /// Roots of perfect subtrees, the largest (leftmost) first.
    package private(set) var roots: [MerkleHash]

    /// The tree without leaves.
    package init() {
        size = 0
        roots = []
    }

    /// Nil when there are not as many roots as `size` has bits.
    package init?(size: Int64, roots: [MerkleHash]) {
        guard size >= 0, roots.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.roots = roots
    }

    /// Appends a leaf.
    package mutating func append(_ leaf: MerkleHash) {
        var nothing: Void = ()
        append(leaf, noting: &nothing) { _, _, _ in }
    }

    /// Appends a leaf and tells of each perfect subtree that it completes: the leaf itself first, at height 0.
    /// - Parameter notes: given to `completed`, which cannot reach what stands next to this value otherwise.
    @inline(__always)
    mutating func append<Notes>(
        _ leaf: MerkleHash, noting notes: inout Notes,
        completed: (_ notes: inout Notes, _ height: Int, _ root: MerkleHash) throws -> Void
    ) rethrows {
        var node = leaf
        var height = 0
        try completed(&notes, height, node)
        while size >> height & 1 == 1, let left = roots.popLast() {
            node = MerkleHash(left: left, right: node)
            height += 1
            try completed(&notes, height, node)
        }
        roots.append(node)
        size += 1
    }

    /// The hash of the whole tree (RFC 6962 2.1).
    package var root: MerkleHash { Self.root(of: roots) }

    /// The root over perfect subtrees that stand side by side, the largest first.
    static func root(of subtrees: [MerkleHash]) -> MerkleHash {
        guard var root = subtrees.last else { return .empty }
        for left in subtrees.dropLast().reversed() { root = MerkleHash(left: left, right: root) }
        return root
    }

    /// The roots one after the other, 32 bytes each, as the database keeps them.
    package var encodedRoots: [UInt8] { roots.flatMap(\.bytes) }

    /// Reads ``encodedRoots`` of a tree of `size` leaves. Nil when the length is another.
    package init?(size: Int64, encodedRoots: [UInt8]) {
        guard size >= 0, encodedRoots.count == size.nonzeroBitCount * MerkleHash.size else { return nil }
        var roots: [MerkleHash] = []
        for start in stride(from: 0, to: encodedRoots.count, by: MerkleHash.size) {
            guard let root = MerkleHash(bytes: encodedRoots[start..<start + MerkleHash.size]) else { return nil }
            roots.append(root)
        }
        self.init(size: size, roots: roots)
    }
}
