/// The old key's word for the new one: what the details of a leaf `ledger.key_changed` say.
///
/// A checkpoint of a tree that has that leaf (its size is over the leaf's sequence number) is signed by the new key, a smaller one by
/// the old key. What is signed are four lines: `faxlock ledger key change`, the ledger's origin, the leaf's sequence number, the new
/// key as text. They cannot be mistaken for a checkpoint, whose second line is a number and whose third line is a hash.
package struct LedgerKeyChange: Sendable, Hashable {
    package let oldKey: VerifierKey
    package let newKey: VerifierKey
    /// Ed25519 of the old key.
    package let signature: [UInt8]

    /// Vouches for a new key.
    /// - Parameters:
    ///   - newKey: has the name that the old one has.
    ///   - sequence: of the leaf that will tell it.
    /// - Throws: as ``LedgerKey`` does.
    package init(from oldKey: LedgerKey, to newKey: VerifierKey, sequence: Int64) throws {
        self.oldKey = oldKey.verifier
        self.newKey = newKey
        signature = try oldKey.signature(over: Self.statement(origin: oldKey.origin, sequence: sequence, newKey: newKey))
    }

    /// Reads ``details``. Nil when they are incomplete or malformed.
    package init?(details: [String: LedgerValue]) {
        guard case .text(let old) = details["old_key"], case .text(let new) = details["new_key"],
            case .text(let encoded) = details["signature"], let oldKey = VerifierKey(old), let newKey = VerifierKey(new),
            let signature = Base64.decode(encoded)
        else { return nil }
        self.oldKey = oldKey
        self.newKey = newKey
        self.signature = signature
    }

    /// For the leaf.
    package var details: [String: LedgerValue] {
        ["old_key": .text("\(oldKey)"), "new_key": .text("\(newKey)"), "signature": .text(Base64.encode(signature))]
    }

    /// Whether `owner`, the key until now, vouches for the new key in leaf number `sequence`.
    package func isValid(after owner: VerifierKey, sequence: Int64) -> Bool {
        oldKey == owner && newKey.name == owner.name
            && owner.isValid(
                signature: signature, over: Self.statement(origin: owner.name, sequence: sequence, newKey: newKey))
    }

    private static func statement(origin: String, sequence: Int64, newKey: VerifierKey) -> [UInt8] {
        Array("faxlock ledger key change\n\(origin)\n\(sequence)\n\(newKey)\n".utf8)
    }
}
