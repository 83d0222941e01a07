import Ledger
import Testing

@Suite struct MerkleTreeTests {
    /// RFC 6962 2.1 as it is written.
    private func naiveRoot(_ leaves: ArraySlice<MerkleHash>) -> MerkleHash {
        guard let first = leaves.first else { return .empty }
        guard leaves.count > 1 else { return first }
        let middle = leaves.startIndex + split(leaves.count)
        return MerkleHash(left: naiveRoot(leaves[..<middle]), right: naiveRoot(leaves[middle...]))
    }

    private func naivePath(_ index: Int, _ leaves: ArraySlice<MerkleHash>) -> [MerkleHash] {
        guard leaves.count > 1 else { return [] }
        let middle = leaves.startIndex + split(leaves.count)
        return index < middle
            ? naivePath(index, leaves[..<middle]) + [naiveRoot(leaves[middle...])]
            : naivePath(index, leaves[middle...]) + [naiveRoot(leaves[..<middle])]
    }

    private func naiveConsistency(_ old: Int, _ leaves: ArraySlice<MerkleHash>, isWhole: Bool) -> [MerkleHash] {
        if old == leaves.count { return isWhole ? [] : [naiveRoot(leaves)] }
        let size = split(leaves.count)
        let middle = leaves.startIndex + size
        return old <= size
            ? naiveConsistency(old, leaves[..<middle], isWhole: isWhole) + [naiveRoot(leaves[middle...])]
            : naiveConsistency(old - size, leaves[middle...], isWhole: false) + [naiveRoot(leaves[..<middle])]
    }

    private func split(_ count: Int) -> Int {
        var size = 1
        while size * 2 < count { size *= 2 }
        return size
    }

    private func hashes(_ count: Int) -> [MerkleHash] {
        (0..<count).map { MerkleHash(leaf: Array("leaf \($0)".utf8)) }
    }

    private func prove(_ proofs: MerkleProofs?, _ leaves: [MerkleHash]) throws -> (root: MerkleHash, proofs: [[MerkleHash]]) {
        var proofs = try #require(proofs)
        for leaf in leaves { proofs.append(leaf) }
        return try #require(proofs.result)
    }

    /// The roots of the first leaves of ``vectorLeaves``, computed by Python's hashlib.
    @Test(arguments: [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (4, "08fa096d80cdb5775a6a9f39d7775c7a559307eaeaaa2e670cf7cf40941a008f"),
        (5, "c068e81a6d041ffffde18af79b02ac2465b48224cfa608c3a482330fffe0432e"),
    ])
    func knownRoots(count: Int, root: String) {
        var frontier = Frontier()
        for leaf in Self.vectorLeaves.prefix(count) { frontier.append(MerkleHash(leaf: leaf)) }
        #expect(frontier.root.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == root)
    }

    static let vectorLeaves: [[UInt8]] = [[], [0], [0x10], Array("abc".utf8), Array("faxlock".utf8)]

    @Test func smallTreesAreAsTheRFCSays() throws {
        for size in 0...70 {
            let leaves = hashes(size)
            var frontier = Frontier()
            for leaf in leaves { frontier.append(leaf) }
            let root = naiveRoot(leaves[...])
            #expect(frontier.root == root)
            #expect(Frontier(size: Int64(size), encodedRoots: frontier.encodedRoots) == frontier)

            let result = try prove(MerkleProofs(including: (0..<Int64(size)).map { $0 }, size: Int64(size)), leaves)
            #expect(result.root == root)
            for index in 0..<size {
                #expect(result.proofs[index] == naivePath(index, leaves[...]))
                #expect(
                    MerkleTree.isIncluded(leaves[index], at: Int64(index), size: Int64(size), root: root, proof: result.proofs[index]))
            }
            for old in stride(from: 1, through: size, by: 1) {
                let proof = try prove(MerkleProofs(from: Int64(old), to: Int64(size)), leaves).proofs[0]
                #expect(proof == naiveConsistency(old, leaves[...], isWhole: true))
                let oldRoot = naiveRoot(leaves[..<old])
                #expect(MerkleTree.isConsistent(oldRoot, oldSize: Int64(old), with: root, size: Int64(size), proof: proof))
            }
        }
    }

    @Test func proofsOfLargeTreesHoldAndNothingElseDoes() throws {
        var random = SeededRandom(seed: 6962)
        for _ in 0..<12 {
            let size = Int.random(in: 71...3000, using: &random)
            let leaves = hashes(size)
            let index = Int.random(in: 0..<size, using: &random)
            let old = Int.random(in: 1..<size, using: &random)
            let included = try prove(MerkleProofs(including: [Int64(index)], size: Int64(size)), leaves)
            let root = included.root
            let proof = included.proofs[0]
            #expect(root == naiveRoot(leaves[...]))
            #expect(proof == naivePath(index, leaves[...]))
            let isIncluded = { (leaf: MerkleHash, index: Int, size: Int, proof: [MerkleHash]) in
                MerkleTree.isIncluded(leaf, at: Int64(index), size: Int64(size), root: root, proof: proof)
            }
            #expect(isIncluded(leaves[index], index, size, proof))
            #expect(!isIncluded(leaves[(index + 1) % size], index, size, proof))
            #expect(!isIncluded(leaves[index], index ^ 1, size, proof))
            #expect(!isIncluded(leaves[index], index, size, Array(proof.dropLast())))
            #expect(!isIncluded(leaves[index], index, size, proof + [root]))
            #expect(!isIncluded(leaves[index], -1, size, proof))
            #expect(!isIncluded(leaves[index], size, size, proof))

            let oldRoot = naiveRoot(leaves[..<old])
            let consistency = try prove(MerkleProofs(from: Int64(old), to: Int64(size)), leaves).proofs[0]
            #expect(consistency == naiveConsistency(old, leaves[...], isWhole: true))
            let isConsistent = { (oldRoot: MerkleHash, old: Int, proof: [MerkleHash]) in
                MerkleTree.isConsistent(oldRoot, oldSize: Int64(old), with: root, size: Int64(size), proof: proof)
            }
            #expect(isConsistent(oldRoot, old, consistency))
            #expect(!isConsistent(root, old, consistency))
            #expect(!isConsistent(oldRoot, old, Array(consistency.dropLast())))
            #expect(!isConsistent(oldRoot, old, consistency + [root]))
            #expect(!isConsistent(oldRoot, size + 1, consistency))
        }
    }

    @Test func absurdSizesAreRefused() {
        #expect(MerkleProofs(including: [5], size: 5) == nil)
        #expect(MerkleProofs(including: [-1], size: 5) == nil)
        #expect(MerkleProofs(from: 0, to: 5) == nil)
        #expect(MerkleProofs(from: 6, to: 5) == nil)
        #expect(MerkleProofs(including: [.max - 1], size: .max)?.result == nil)
        let hash = MerkleHash.empty
        #expect(!MerkleTree.isIncluded(hash, at: .max - 1, size: .max, root: hash, proof: Array(repeating: hash, count: 64)))
        #expect(!MerkleTree.isConsistent(hash, oldSize: .max - 1, with: hash, size: .max, proof: Array(repeating: hash, count: 200)))
    }
}
