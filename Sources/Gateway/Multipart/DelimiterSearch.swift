#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Finds a delimiter that begins with CR and has no second CR after its first bytes, such as CRLF, two hyphens and a boundary.
///
/// A boundary cannot hold CR, so a failed comparison never has to be repeated from inside of what it matched: the search looks
/// at no byte more than twice, whatever the sender chose.
struct DelimiterSearch {
    enum Result: Equatable {
        /// All of it begins here.
        case found(Int)
        /// The bytes end here, or in the beginning of a delimiter that begins here: all before it is free of delimiters.
        case end(Int)
    }

    private static let carriageReturn: UInt8 = 0x0D

    let delimiter: [UInt8]

    init(boundary: MultipartBoundary) {
        delimiter = [Self.carriageReturn, 0x0A, UInt8(ascii: "-"), UInt8(ascii: "-")] + boundary.bytes
    }

    /// The first delimiter in `bytes` at or after `start`, which is not beyond the end.
    func first(in bytes: [UInt8], from start: Int) -> Result {
        var index = start
        while let candidate = Self.firstCarriageReturn(in: bytes, from: index) {
            // Most CRs are not of a delimiter: the next byte tells.
            if candidate + 1 < bytes.count, bytes[candidate + 1] != 0x0A {
                index = candidate + 1
                continue
            }
            let matched = matchLength(in: bytes, at: candidate)
            if matched == delimiter.count { return .found(candidate) }
            if candidate + matched == bytes.count { return .end(candidate) }
            index = candidate + matched
        }
        return .end(bytes.count)
    }

    /// How many bytes from `start` on are those of the delimiter.
    func matchLength(in bytes: [UInt8], at start: Int) -> Int {
        var length = 0
        while length < delimiter.count, start + length < bytes.count, bytes[start + length] == delimiter[length] {
            length += 1
        }
        return length
    }

    /// The first CR at or after `start`; nil if there is none.
    static func firstCarriageReturn(in bytes: [UInt8], from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        // Runs of CR would otherwise cost a call for each byte.
        if bytes[start] == carriageReturn { return start }
        return bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress,
                let found = memchr(base + start, Int32(carriageReturn), buffer.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
