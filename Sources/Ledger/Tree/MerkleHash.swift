import Crypto

/// SHA-256 over a leaf or a node of the Merkle tree (RFC 6962 2.1).
package struct MerkleHash: Sendable, Hashable {
    // Four words in memory order: an array would cost an allocation for each node of the tree.
    private let words: Words

    private struct Words: Sendable, Hashable {
        let first, second, third, fourth: UInt64
    }

    /// Nil unless there are 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.size else { return nil }
        words = Array(bytes).withUnsafeBytes { $0.loadUnaligned(as: Words.self) }
    }

    private init(_ digest: SHA256.Digest) {
        words = digest.withUnsafeBytes { $0.loadUnaligned(as: Words.self) }
    }

    package static let size = 32

    /// 32 bytes.
    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The 32 bytes where they are.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// The hash of the tree without leaves.
    package static let empty = MerkleHash(SHA256().finalize())

    /// The hash of a leaf: `SHA-256(0x00 || leaf)`.
    package init(leaf: some Sequence<UInt8>) {
        var input: [UInt8] = [0]
        input.append(contentsOf: leaf)
        self.init(prefixedLeaf: input.span.bytes)
    }

    /// The hash of a leaf of which the byte 0x00 stands before its bytes already.
    init(prefixedLeaf: RawSpan) {
        var hash = SHA256()
        prefixedLeaf.withUnsafeBytes { hash.update(bufferPointer: $0) }
        self.init(hash.finalize())
    }

    /// The hash of a node: `SHA-256(0x01 || left || right)`.
    package init(left: MerkleHash, right: MerkleHash) {
        var hash = SHA256()
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Self.size, alignment: 8) { input in
            input.storeBytes(of: 1, as: UInt8.self)
            input.storeBytes(of: left.words, toByteOffset: 1, as: Words.self)
            input.storeBytes(of: right.words, toByteOffset: 1 + Self.size, as: Words.self)
            hash.update(bufferPointer: UnsafeRawBufferPointer(input))
        }
        self.init(hash.finalize())
    }
}
