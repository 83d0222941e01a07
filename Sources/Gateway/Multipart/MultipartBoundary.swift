/// The boundary of a multipart body: 1 to 70 characters of RFC 2046 5.1.1 `bchars`, the last one no space.
package struct MultipartBoundary: Sendable, Hashable {
    /// RFC 2046 5.1.1: "no longer than 70 characters, not counting the two leading hyphens".
    package static let maximumLength = 70

    /// Its ASCII characters, without the leading hyphens.
    package let bytes: [UInt8]

    /// - Throws: ``MultipartError/invalidBoundary``.
    package init(_ bytes: some Sequence<UInt8>) throws(MultipartError) {
        // One more than allowed is enough to refuse it, however long the sequence is.
        let bytes = Array(bytes.prefix(Self.maximumLength + 1))
        guard bytes.count <= Self.maximumLength, let last = bytes.last, last != Self.space,
            bytes.allSatisfy(Self.isBoundaryCharacter)
        else { throw .invalidBoundary }
        self.bytes = bytes
    }

    /// Takes the boundary from the value of a request's Content-Type, in quotes or without.
    ///
    /// - Throws: ``MultipartError/notMultipart`` for another media type, ``MultipartError/invalidBoundary`` for a missing,
    ///   repeated or malformed boundary.
    package static func parse(contentType: String) throws(MultipartError) -> MultipartBoundary {
        let bytes = Array(contentType.utf8)
        let semicolon = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.endIndex
        guard HeaderParameters.lowercased(HeaderParameters.trimmed(bytes[..<semicolon])) == "multipart/form-data" else {
            throw .notMultipart
        }
        guard let parameters = HeaderParameters(bytes[semicolon...]), let value = parameters["boundary"] else {
            throw .invalidBoundary
        }
        return try MultipartBoundary(value)
    }

    private static let space = UInt8(ascii: " ")

    private static func isBoundaryCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        case UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "+"), UInt8(ascii: "_"),
            UInt8(ascii: ","), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"),
            UInt8(ascii: "="), UInt8(ascii: "?"), space:
            true
        default: false
        }
    }
}
