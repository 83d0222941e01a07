import FaxModel

/// Why bytes are not a leaf.
enum LeafDefect: Error, Hashable {
    /// Not the object that ``Leaf`` writes; the number of the byte where it ends to be one.
    case malformed(at: Int)
    case unknownVersion
    case badTime
}

/// A leaf that was read as strictly as it was written: these members in this order, no white space, nothing twice.
///
/// So strict that no two readers can see two things in it, and quick: a verifier reads each leaf of six years.
struct LeafScan: Hashable {
    let sequence: Int64
    /// What is between the quotes of `ts`, `object` and `action`, and between the braces of `details`.
    let time: Range<Int>
    let action: Range<Int>
    let object: Range<Int>
    let details: Range<Int>

    /// Reads the whole of `bytes`.
    init(_ bytes: Span<UInt8>) throws(LeafDefect) {
        var text = LeafCursor()
        try text.expect(#"{"v":"#, in: bytes)
        let version = try text.integer(in: bytes)
        guard version == Int64(Leaf.version) else { throw .unknownVersion }
        try text.expect(#","seq":"#, in: bytes)
        sequence = try text.integer(in: bytes)
        try text.expect(#","ts":"#, in: bytes)
        time = try text.string(in: bytes)
        try text.expect(#","actor":{"type":"#, in: bytes)
        _ = try text.string(in: bytes)
        try text.expect(#","id":"#, in: bytes)
        _ = try text.string(in: bytes)
        try text.expect(#","client":"#, in: bytes)
        _ = try text.string(in: bytes)
        try text.expect(#","address":"#, in: bytes)
        try text.skipOptionalString(in: bytes)
        try text.expect(#"},"action":"#, in: bytes)
        action = try text.word(in: bytes)
        try text.expect(#","object":"#, in: bytes)
        object = try text.string(in: bytes)
        try text.expect(#","reason":"#, in: bytes)
        try text.skipOptionalString(in: bytes)
        try text.expect(#","outcome":"#, in: bytes)
        _ = try text.word(in: bytes)
        try text.expect(#","request_id":"#, in: bytes)
        try text.skipOptionalString(in: bytes)
        try text.expect(#","details":{"#, in: bytes)
        details = try Self.skipDetails(&text, in: bytes)
        try text.expect("}}", in: bytes)
        guard text.position == bytes.count else { throw .malformed(at: text.position) }
    }

    private static func skipDetails(_ text: inout LeafCursor, in bytes: Span<UInt8>) throws(LeafDefect) -> Range<Int> {
        let start = text.position
        var last: Range<Int>?
        while text.peek(in: bytes) != UInt8(ascii: "}") {
            if last != nil { try text.expect(",", in: bytes) }
            let name = try text.word(in: bytes)
            if let last, !isAscending(last, name, in: bytes) { throw .malformed(at: name.lowerBound) }
            last = name
            try text.expect(":", in: bytes)
            try text.skipValue(in: bytes)
        }
        return start..<text.position
    }

    private static func isAscending(_ left: Range<Int>, _ right: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        for offset in 0..<min(left.count, right.count) {
            let pair = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
            if pair.0 != pair.1 { return pair.0 < pair.1 }
        }
        return left.count < right.count
    }

    /// The text of one of the ranges.
    static func text(_ range: Range<Int>, in bytes: Span<UInt8>) -> String {
        LeafCursor.unescaped(range, in: bytes)
    }

    /// The details by name.
    func details(in bytes: Span<UInt8>) throws(LeafDefect) -> [String: LedgerValue] {
        var values: [String: LedgerValue] = [:]
        var text = LeafCursor(position: details.lowerBound)
        while text.position < details.upperBound {
            if text.position > details.lowerBound { try text.expect(",", in: bytes) }
            let name = try text.word(in: bytes)
            try text.expect(":", in: bytes)
            values[LeafCursor.unescaped(name, in: bytes)] = try text.value(in: bytes)
        }
        return values
    }
}
