/// Checks what others claim of a Merkle tree, from hashes alone.
package enum MerkleTree {
    /// Whether `leaf` is number `index` of the tree of `size` leaves that has `root` (RFC 9162 2.1.3.2).
    package static func isIncluded(_ leaf: MerkleHash, at index: Int64, size: Int64, root: MerkleHash, proof: [MerkleHash]) -> Bool {
        guard index >= 0, index < size else { return false }
        var node = index
        var last = size - 1
        var hash = leaf
        for sibling in proof {
            guard last != 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = MerkleHash(left: sibling, right: hash)
                climbToRightChild(&node, &last)
            } else {
                hash = MerkleHash(left: hash, right: sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether the tree of `oldSize` leaves that has `oldRoot` is the beginning of that of `size` leaves that has `root`
    /// (RFC 9162 2.1.4.2). The tree without leaves is the beginning of every tree, by an empty proof.
    package static func isConsistent(
        _ oldRoot: MerkleHash, oldSize: Int64, with root: MerkleHash, size: Int64, proof: [MerkleHash]
    ) -> Bool {
        guard oldSize >= 0, oldSize <= size else { return false }
        guard oldSize < size else { return proof.isEmpty && oldRoot == root }
        guard oldSize > 0 else { return proof.isEmpty && oldRoot == .empty }
        var path = proof[...]
        // A perfect tree is its own first node.
        guard let first = oldSize & (oldSize - 1) == 0 ? oldRoot : path.popFirst() else { return false }
        var node = oldSize - 1
        var last = size - 1
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var oldHash = first
        var hash = first
        for sibling in path {
            guard last != 0 else { return false }
            if node & 1 == 1 || node == last {
                oldHash = MerkleHash(left: sibling, right: oldHash)
                hash = MerkleHash(left: sibling, right: hash)
                climbToRightChild(&node, &last)
            } else {
                hash = MerkleHash(left: hash, right: sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && oldHash == oldRoot && hash == root
    }

    /// On the right edge a node without a sibling stands for its parent.
    private static func climbToRightChild(_ node: inout Int64, _ last: inout Int64) {
        while node & 1 == 0, node != 0 {
            node >>= 1
            last >>= 1
        }
    }
}
