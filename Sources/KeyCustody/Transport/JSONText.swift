import Vault

/// Reads one text out of a JSON answer (RFC 8259) where it lies, since a general decoder would leave copies of a key in memory.
struct JSONText {
    private static let maximumDepth = 16

    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The text at a path of member names, the first where names repeat. Nil when the answer is no JSON up to there, or has no text there, or
    /// one with characters other than ASCII: none of the texts that custodians give us has.
    static func text(at path: String..., in bytes: borrowing SecretBytes) -> SecretBytes? {
        bytes.withBytes { bytes -> SecretBytes? in
            var reader = JSONText(bytes)
            for name in path {
                guard reader.enter(name) else { return nil }
            }
            guard let content = reader.string() else { return nil }
            return unescaped(content)
        }
    }

    /// Moves to the value of an object's member.
    private mutating func enter(_ name: String) -> Bool {
        guard take("{") else { return false }
        while true {
            guard let found = string(), take(":") else { return false }
            if found.elementsEqual(name.utf8) { return true }
            guard skipValue(depth: 0), take(",") else { return false }
        }
    }

    private mutating func skipValue(depth: Int) -> Bool {
        guard depth < Self.maximumDepth, let first = peek() else { return false }
        switch first {
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "{"):
            index += 1
            if take("}") { return true }
            repeat {
                guard string() != nil, take(":"), skipValue(depth: depth + 1) else { return false }
            } while take(",")
            return take("}")
        case UInt8(ascii: "["):
            index += 1
            if take("]") { return true }
            repeat {
                guard skipValue(depth: depth + 1) else { return false }
            } while take(",")
            return take("]")
        default:
            // A number, true, false or null; what exactly does not matter to us.
            let start = index
            while index < bytes.count, Self.isScalar(bytes[index]) { index += 1 }
            return index > start
        }
    }

    /// What stands between the quotes, escapes as they are.
    private mutating func string() -> Slice<UnsafeRawBufferPointer>? {
        guard take("\"") else { return nil }
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                defer { index += 1 }
                return bytes[start..<index]
            case UInt8(ascii: "\\"): index += 2
            case 0..<0x20: return nil
            default: index += 1
            }
        }
        return nil
    }

    private static func unescaped(_ content: Slice<UnsafeRawBufferPointer>) -> SecretBytes? {
        var out = SecretBytes(capacity: content.count)
        var rest = content
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                guard byte < 0x80 else { return nil }
                out.append(byte)
                continue
            }
            switch rest.popFirst() {
            case let same? where [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains(same): out.append(same)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"):
                let digits = rest.prefix(4)
                guard digits.count == 4, digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                    let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), code < 0x80
                else { return nil }
                out.append(code)
                rest = rest.dropFirst(4)
            default: return nil
            }
        }
        return out
    }

    private mutating func peek() -> UInt8? {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
        return index < bytes.count ? bytes[index] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private static func isScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
