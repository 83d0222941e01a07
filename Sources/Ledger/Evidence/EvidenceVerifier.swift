/// Verifies a fax's evidence offline.
package enum EvidenceVerifier {
    /// What was found.
    package struct Report: Sendable, Hashable, Codable {
        /// Whether each leaf is in a checkpoint that the ledger's key signed, and all else follows from them.
        package let valid: Bool
        /// What is wrong, without text from the leaves.
        package let problems: [String]
    }

    /// - Parameter trusted: the key that the ledger began with, as the auditor keeps it.
    package static func verify(_ evidence: FaxEvidence, trusted: VerifierKey) -> Report {
        var problems: [String] = []
        if evidence.format != FaxEvidence.currentFormat { problems.append("The evidence has another format.") }
        guard let note = SignedNote(Array(evidence.checkpoint.utf8)), let checkpoint = Checkpoint(text: note.text) else {
            return Report(valid: false, problems: problems + ["The checkpoint is none."])
        }
        var owner = trusted
        var last: Int64 = -1
        for entry in evidence.keyChanges.prefix(VerificationReport.limit) {
            guard entry.index > last, let leaf = included(entry, in: checkpoint), let scan = try? LeafScan(leaf.span),
                LeafScan.text(scan.action, in: leaf.span) == LedgerAction.ledgerKeyChanged.rawValue,
                let details = try? scan.details(in: leaf.span), let change = LedgerKeyChange(details: details),
                change.isValid(after: owner, sequence: entry.index)
            else {
                problems.append("A change of the key is not proven.")
                break
            }
            last = entry.index
            owner = change.newKey
        }
        if evidence.keyChanges.count > VerificationReport.limit { problems.append("There are more changes of the key than can be.") }
        if evidence.key != trusted.description { problems.append("The evidence names another key than the trusted one.") }
        if checkpoint.origin != owner.name { problems.append("The checkpoint is of another ledger.") }
        if !note.isSigned(by: owner) { problems.append("The checkpoint is not signed by the ledger's key.") }
        problems += check(evidence, against: checkpoint)
        return Report(valid: problems.isEmpty, problems: Array(problems.prefix(VerificationReport.limit)))
    }

    private static func check(_ evidence: FaxEvidence, against checkpoint: Checkpoint) -> [String] {
        var problems: [String] = []
        var leaves: [[UInt8]] = []
        var last: Int64 = -1
        if evidence.leaves.isEmpty { problems.append("There are no events.") }
        for entry in evidence.leaves {
            guard let leaf = included(entry, in: checkpoint) else {
                problems.append("Event \(entry.index) is not in the checkpoint.")
                continue
            }
            leaves.append(leaf)
            if !isAbout(evidence.subject, leaf) { problems.append("Event \(entry.index) is not about the fax.") }
            if entry.index <= last { problems.append("Event \(entry.index) is not in its order.") }
            last = entry.index
        }
        if FaxEvidence.images(in: leaves) != evidence.images { problems.append("The images are not those that the events name.") }
        return problems
    }

    /// The bytes of an entry whose text, number and proof are right.
    private static func included(_ entry: FaxEvidence.Entry, in checkpoint: Checkpoint) -> [UInt8]? {
        guard let leaf = Base64.decode(entry.leaf), leaf.elementsEqual(entry.text.utf8), let scan = try? LeafScan(leaf.span),
            scan.sequence == entry.index, entry.proof.count <= 64
        else { return nil }
        let proof = entry.proof.compactMap { Base64.decode($0).flatMap { MerkleHash(bytes: $0) } }
        guard proof.count == entry.proof.count else { return nil }
        let isIncluded = MerkleTree.isIncluded(
            MerkleHash(leaf: leaf), at: entry.index, size: checkpoint.size, root: checkpoint.root, proof: proof)
        return isIncluded ? leaf : nil
    }

    /// Whether the leaf's object is `subject` or a part of it, or one of its details says `subject` or the id in it.
    private static func isAbout(_ subject: String, _ leaf: [UInt8]) -> Bool {
        guard let scan = try? LeafScan(leaf.span), let details = try? scan.details(in: leaf.span) else { return false }
        let object = LeafScan.text(scan.object, in: leaf.span)
        if object == subject || object.hasPrefix(subject + "/") { return true }
        let id = subject.split(separator: "/", maxSplits: 1).last.map(String.init) ?? subject
        return details.values.contains { $0 == .text(subject) || $0 == .text(id) }
    }
}
