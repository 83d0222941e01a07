import FoundationEssentials

/// An `a=crypto` line of SDP: the keys of SRTP for what its sender sends (SDES, RFC 4568 9.1).
///
///     1 AES_CM_128_HMAC_SHA1_80 inline:<key and salt in base64>|2^31|1:1
package struct SDESCrypto: Sendable, Equatable, CustomStringConvertible {
    /// The suites that are spoken (RFC 4568 6.2).
    package enum Suite: String, Sendable, Equatable, CaseIterable {
        case aesCM128HMACSHA1x80 = "AES_CM_128_HMAC_SHA1_80"
        case aesCM128HMACSHA1x32 = "AES_CM_128_HMAC_SHA1_32"
    }

    /// Octets of ``key``: 16 of the master key, then 14 of the master salt.
    package static let keyLength = 30

    /// 1 to 9 digits; the answer has the tag of the line that it accepts.
    package var tag: Int
    package var suite: Suite
    package var key: [UInt8]
    /// Octets of the key identifier (MKI) that stands before the authentication tag of each packet; 0 for none.
    package var keyIdentifierLength = 0

    /// A line of our own, without key identifier.
    /// - Parameters:
    ///   - tag: 1 in an offer, the offer's in an answer.
    ///   - random: must be cryptographically secure (`SystemRandomNumberGenerator`), but in tests.
    package init(tag: Int, suite: Suite, using random: inout some RandomNumberGenerator) {
        self.tag = tag
        self.suite = suite
        key = (0..<Self.keyLength).map { _ in .random(in: .min ... .max, using: &random) }
    }

    /// Reads the value of a `crypto` attribute; nil if it is malformed, of a suite not spoken here, has more than one key, or demands
    /// something (RFC 4568 6.3) that is not done here, such as unencrypted or unauthenticated packets.
    package init?(_ value: String) {
        let fields = value.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count >= 3, fields[0].count <= 9, let tag = Self.number(fields[0]), let suite = Suite(rawValue: fields[1].uppercased())
        else { return nil }
        // A hint about the replay window, and parameters that may be ignored.
        guard fields[3...].allSatisfy({ $0.hasPrefix("-") || $0.uppercased().hasPrefix("WSH=") }) else { return nil }
        let method = fields[2].prefix(7)
        guard method.lowercased() == "inline:", !fields[2].contains(";") else { return nil }
        let parts = fields[2].dropFirst(7).split(separator: "|", omittingEmptySubsequences: false)
        guard let encoded = parts.first, encoded.count == 40, let key = Data(base64Encoded: String(encoded)), key.count == Self.keyLength,
            parts.count <= 3
        else { return nil }
        self.tag = tag
        self.suite = suite
        self.key = Array(key)
        for (index, part) in parts.dropFirst().enumerated() {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false)
            if pair.count == 2 {
                // The identifier itself does not matter with one key. RFC 4568 6.1 allows 128 octets; more than 16 nobody has.
                guard index == parts.count - 2, Self.number(pair[0]) != nil, let length = Self.number(pair[1]), (1...16).contains(length)
                else { return nil }
                keyIdentifierLength = length
            } else {
                guard index == 0, Self.isLifetime(part) else { return nil }
            }
        }
    }

    /// The first line of an offer, or the only one of an answer, that can be used.
    package static func first(of values: some Sequence<String>) -> SDESCrypto? {
        for value in values {
            if let crypto = SDESCrypto(value) { return crypto }
        }
        return nil
    }

    /// The value of the attribute, for SDP alone: it holds the key.
    package var value: String { "\(tag) \(suite.rawValue) inline:\(Data(key).base64EncodedString())" }

    /// Without the key.
    package var description: String { "crypto \(tag) \(suite.rawValue)" }

    /// Packets for which the key may be used, `2^n` or a number. A fax of a day has fewer than the smallest that makes sense, so it is only
    /// checked for form.
    private static func isLifetime(_ text: Substring) -> Bool {
        if text.hasPrefix("2^") { return number(text.dropFirst(2)).map { (1...48).contains($0) } ?? false }
        return (number(text) ?? 0) > 0
    }

    /// Digits only, up to 15.
    private static func number(_ text: Substring) -> Int? {
        guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
