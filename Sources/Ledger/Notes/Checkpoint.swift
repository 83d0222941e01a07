package import FaxModel

/// What a ledger was at some size (C2SP tlog-checkpoint). It holds no PHI and may be given to anybody.
package struct Checkpoint: Sendable, Hashable {
    /// The ledger's name, which its keys have too.
    package let origin: String
    /// The number of leaves, from 0.
    package let size: Int64
    /// The root of the tree of those leaves.
    package let root: MerkleHash
    /// Further lines without their newlines; ours says `time` and when the checkpoint was made.
    package let extensions: [String]

    private static let timePrefix = "time "

    /// - Parameters:
    ///   - origin: a name as ``VerifierKey/isValid(name:)`` wants it.
    ///   - size: not negative.
    package init(origin: String, size: Int64, root: MerkleHash, time: Timestamp) {
        self.origin = origin
        self.size = size
        self.root = root
        extensions = ["\(Self.timePrefix)\(time)"]
    }

    /// Reads the text of a note. Nil when it is no checkpoint: the size has no leading zeros and is under 2^63, the root 32 bytes.
    package init?(text: [UInt8]) {
        guard text.last == UInt8(ascii: "\n"), let all = String(validating: text.dropLast(), as: UTF8.self) else { return nil }
        let lines = all.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }), let size = Self.size(lines[1].utf8),
            let root = Base64.decode(String(lines[2])).flatMap({ MerkleHash(bytes: $0) })
        else { return nil }
        origin = String(lines[0])
        self.size = size
        self.root = root
        extensions = lines.dropFirst(3).map(String.init)
    }

    private static func size(_ digits: Substring.UTF8View) -> Int64? {
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        guard digits.first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        return Int64(String(Substring(digits)))
    }

    /// The lines that are signed.
    package var text: [UInt8] {
        Array(([origin, "\(size)", Base64.encode(root.bytes)] + extensions).map { $0 + "\n" }.joined().utf8)
    }

    /// When it was made, if it says so.
    package var time: Timestamp? {
        extensions.first { $0.hasPrefix(Self.timePrefix) }.flatMap { Timestamp(iso8601: String($0.dropFirst(Self.timePrefix.count))) }
    }

    /// The checkpoint with a signature of the ledger's key.
    /// - Throws: as ``LedgerKey`` does.
    package func signed(by key: LedgerKey) throws -> SignedNote {
        try SignedNote(text, signedBy: key)
    }
}
