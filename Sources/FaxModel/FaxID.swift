/// The name of a fax: 32 hexadecimal digits, of which the first 12 are milliseconds since 1970, so that ids sort by age.
///
/// It is random enough (80 bits) that it cannot be guessed, and says nothing of the document, the sender or the number.
package struct FaxID: Sendable, Hashable, Codable, CustomStringConvertible {
    package let text: String

    /// - Returns: nil unless `text` is 32 lower-case hexadecimal digits.
    package init?(_ text: some StringProtocol) {
        let isHex = text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard text.utf8.count == 32, isHex else { return nil }
        self.text = String(text)
    }

    /// A new id.
    /// - Parameter now: when the fax was accepted.
    package init(now: Timestamp, using generator: inout some RandomNumberGenerator) {
        var bytes: [UInt8] = []
        for shift in stride(from: 40, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: now.milliseconds >> Int64(shift)))
        }
        for _ in 0..<2 { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0.prefix(5)) } }
        text = Self.hex(bytes)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = FaxID(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a fax id"))
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
