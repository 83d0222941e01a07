/// A checkpoint that the verifier has yet to compare with the tree: what it claims, and where it is to be read again.
struct CheckpointRecord: Sendable, Hashable {
    let size: Int64
    let root: MerkleHash
    /// Which of the verifier's sources it is from.
    let source: Int
    /// From 1.
    let line: Int
    /// Where its line is in the file.
    let offset: Int64
    let length: Int
}
