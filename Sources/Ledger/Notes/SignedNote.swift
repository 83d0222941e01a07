/// A text and who signed it (C2SP signed-note): lines, an empty line, and a line for each signature.
package struct SignedNote: Sendable, Hashable {
    /// UTF-8 that ends in a newline, which the signatures cover.
    package let text: [UInt8]
    package let signatures: [Signature]

    /// A line `— <name> <base64 of key id and signature>`.
    package struct Signature: Sendable, Hashable {
        /// The key's name and the first four bytes of its hash, as ``VerifierKey`` has them.
        package let name: String
        package let keyID: [UInt8]
        /// Of the length that the key's algorithm gives it.
        package let bytes: [UInt8]
    }

    /// Notes that are longer are not read: a checkpoint has about 300 bytes.
    package static let maximumSize = 65_536
    static let maximumSignatures = 64
    private static let mark = Array("— ".utf8)

    /// Signs `text`.
    /// - Parameter text: ends in a newline and has no other control characters.
    /// - Throws: as ``LedgerKey`` does.
    init(_ text: [UInt8], signedBy key: LedgerKey) throws {
        self.text = text
        signatures = [Signature(name: key.origin, keyID: key.verifier.id, bytes: try key.signature(over: text))]
    }

    /// Reads a note, of which nothing is to be believed before ``isSigned(by:)`` says so. Nil for what is not one.
    package init?(_ bytes: [UInt8]) {
        let newline = UInt8(ascii: "\n")
        guard bytes.count <= Self.maximumSize, bytes.last == newline,
            bytes.allSatisfy({ $0 >= 0x20 || $0 == newline }), String(validating: bytes, as: UTF8.self) != nil
        else { return nil }
        // The text ends at the last empty line.
        var end = bytes.count - 1
        while end > 0, !(bytes[end] == newline && bytes[end - 1] == newline) { end -= 1 }
        guard end > 0 else { return nil }
        let lines = bytes[(end + 1)...].dropLast().split(separator: newline, omittingEmptySubsequences: false)
        guard (1...Self.maximumSignatures).contains(lines.count) else { return nil }
        var signatures: [Signature] = []
        for line in lines {
            guard let signature = Self.signature(line: line) else { return nil }
            signatures.append(signature)
        }
        text = Array(bytes[..<end])
        self.signatures = signatures
    }

    private static func signature(line: ArraySlice<UInt8>) -> Signature? {
        guard line.starts(with: mark) else { return nil }
        let parts = line.dropFirst(mark.count).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, let name = String(validating: parts[0], as: UTF8.self), VerifierKey.isValid(name: name),
            let encoded = Base64.decode(parts[1]), encoded.count > 4
        else { return nil }
        return Signature(name: name, keyID: Array(encoded.prefix(4)), bytes: Array(encoded.dropFirst(4)))
    }

    /// The whole note.
    package var bytes: [UInt8] {
        var bytes = text
        bytes.append(UInt8(ascii: "\n"))
        for signature in signatures {
            bytes += Self.mark + Array("\(signature.name) \(Base64.encode(signature.keyID + signature.bytes))\n".utf8)
        }
        return bytes
    }

    /// Whether `key` signed the note: one signature at least bears its name and id, and all that do are good. Others say nothing.
    package func isSigned(by key: VerifierKey) -> Bool {
        let own = signatures.filter { $0.name == key.name && $0.keyID == key.id }
        return !own.isEmpty && own.allSatisfy { key.isValid(signature: $0.bytes, over: text) }
    }
}
