/// The parameters of a header value, `; name=token; name="quoted"` (RFC 2045 5.1), for Content-Type and Content-Disposition.
struct HeaderParameters {
    /// Values by name in lower case, without quotes and escapes.
    private var values: [String: [UInt8]] = [:]

    subscript(name: String) -> [UInt8]? { values[name] }

    /// Reads from the first semicolon to the end. Nil if the grammar is broken or a parameter comes twice: what is read twice
    /// is read differently by different programs.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while true {
            rest = rest.drop(while: Self.isBlank)
            guard let first = rest.first else { return }
            guard first == UInt8(ascii: ";") else { return nil }
            rest = rest.dropFirst().drop(while: Self.isBlank)
            // An empty parameter, as in a semicolon at the end, is harmless and common.
            if rest.isEmpty || rest.first == UInt8(ascii: ";") { continue }

            let name = rest.prefix(while: Self.isToken)
            rest = rest[name.endIndex...].drop(while: Self.isBlank)
            guard !name.isEmpty, rest.first == UInt8(ascii: "=") else { return nil }
            rest = rest.dropFirst().drop(while: Self.isBlank)

            let value: [UInt8]
            if rest.first == UInt8(ascii: "\"") {
                guard let quoted = Self.takeQuoted(from: &rest) else { return nil }
                value = quoted
            } else {
                // More than a token: boundaries with `=` or `/` and names in UTF-8 are seen without their quotes.
                let plain = rest.prefix { !Self.isBlank($0) && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "\"") }
                rest = rest[plain.endIndex...]
                value = Array(plain)
            }
            guard values.updateValue(value, forKey: Self.lowercased(name)) == nil else { return nil }
        }
    }

    /// Takes a quoted string with its quotes. A backslash escapes only a quote or itself: old browsers send whole Windows paths
    /// with bare backslashes.
    private static func takeQuoted(from rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        var value: [UInt8] = []
        var escaping = false
        for index in rest.indices.dropFirst() {
            let byte = rest[index]
            if escaping {
                escaping = false
                if byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { value.append(UInt8(ascii: "\\")) }
                value.append(byte)
            } else if byte == UInt8(ascii: "\\") {
                escaping = true
            } else if byte == UInt8(ascii: "\"") {
                rest = rest[(index + 1)...]
                return value
            } else {
                value.append(byte)
            }
        }
        return nil
    }

    // MARK: Bytes of header fields

    /// Space or horizontal tab.
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// A `tchar` of RFC 9110 5.6.2.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let rest = bytes.drop(while: isBlank)
        guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return rest.prefix(0) }
        return rest[...last]
    }

    /// ASCII letters in lower case; other bytes as UTF-8, repaired.
    static func lowercased(_ bytes: ArraySlice<UInt8>) -> String {
        String(
            decoding: bytes.map {
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0
            }, as: UTF8.self)
    }
}
