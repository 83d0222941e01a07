/// One fax's part of the ledger with the proof that it is in it, as one JSON document: what `faxlock audit prove` writes.
///
/// It shows what the ledger says of the fax and that a checkpoint covers it. That nothing was left out, and that the key which signed was
/// still the ledger's, it cannot show: the whole export with an anchor does, see ``LedgerVerifier``.
package struct FaxEvidence: Sendable, Hashable, Codable {
    /// A leaf and where it is in the tree.
    package struct Entry: Sendable, Hashable, Codable {
        /// From 0.
        package let index: Int64
        /// Base 64 of the leaf's bytes.
        package let leaf: String
        /// The same as text, for people; a verifier compares it with the bytes.
        package let text: String
        /// Base 64 of the hashes of the inclusion proof (RFC 6962 2.1.1), the leaf's sibling first.
        package let proof: [String]
    }

    /// ``currentFormat``.
    package let format: String
    /// What the leaves are about, as `fax/0193...`.
    package let subject: String
    /// The ledger's first key as text: to find the right one; it proves nothing.
    package let key: String
    /// The signed checkpoint, whole.
    package let checkpoint: String
    package let leaves: [Entry]
    /// All changes of the key before the checkpoint, so that its signature can be followed from the first key.
    package let keyChanges: [Entry]
    /// SHA-256 in hexadecimal of the documents, from the leaves' details whose name is `sha256` or ends in `_sha256`; sorted.
    package let images: [String]

    package static let currentFormat = "faxlock-fax-evidence/1"
    /// Documents that are longer are not read. Bytes.
    package static let maximumSize = 64 << 20

    private enum CodingKeys: String, CodingKey {
        case format, subject, key, checkpoint, leaves, images
        case keyChanges = "key_changes"
    }

    /// Puts the evidence together in one pass over the ledger's leaf hashes.
    /// - Parameters:
    ///   - subject: what ``EvidenceVerifier`` will expect each leaf to be about.
    ///   - leaves: by sequence number.
    ///   - keyChanges: every leaf `ledger.key_changed` under the checkpoint's size, by sequence number.
    ///   - hashes: gives the next leaf hashes, from the first to at least the last that the checkpoint covers, and nil at the end.
    /// - Returns: nil when a leaf is not in the checkpoint's tree, or `hashes` are not those of that tree.
    /// - Throws: what `hashes` throws.
    package init?(
        subject: String, leaves: [(sequence: Int64, leaf: [UInt8])], keyChanges: [(sequence: Int64, leaf: [UInt8])],
        checkpoint note: SignedNote, key: VerifierKey, hashes: () throws -> [MerkleHash]?
    ) throws {
        let all = leaves + keyChanges
        guard let checkpoint = Checkpoint(text: note.text),
            var proofs = MerkleProofs(including: all.map(\.sequence), size: checkpoint.size)
        else { return nil }
        while let batch = try hashes() { for hash in batch { proofs.append(hash) } }
        guard let result = proofs.result, result.root == checkpoint.root else { return nil }
        let entries = zip(all, result.proofs).map { item, proof in
            Entry(
                index: item.sequence, leaf: Base64.encode(item.leaf), text: String(decoding: item.leaf, as: UTF8.self),
                proof: proof.map { Base64.encode($0.bytes) })
        }
        format = Self.currentFormat
        self.subject = subject
        self.key = key.description
        self.checkpoint = String(decoding: note.bytes, as: UTF8.self)
        self.leaves = Array(entries.prefix(leaves.count))
        self.keyChanges = Array(entries.dropFirst(leaves.count))
        images = Self.images(in: leaves.map(\.leaf))
    }

    /// The hashes of documents that leaves name.
    static func images(in leaves: [[UInt8]]) -> [String] {
        var images: Set<String> = []
        for leaf in leaves {
            guard let details = try? LeafScan(leaf.span).details(in: leaf.span) else { continue }
            for case (let name, .text(let hash)) in details where name == "sha256" || name.hasSuffix("_sha256") { images.insert(hash) }
        }
        return images.sorted()
    }
}
