extension NetworkAddress: CustomStringConvertible {
    /// Reads `192.0.2.1` or `2001:db8::1` (RFC 4291, 2.2).
    ///
    /// - Returns: nil for all else: numbers with leading zeros, which some programs read as octal, fewer than four numbers, zones
    ///   (`%eth0`), brackets, blanks.
    package init?(_ text: some StringProtocol) {
        // The longest is 45 characters: no more of a hostile text is looked at.
        let characters = Array(text.utf8.prefix(46))
        guard characters.count <= 45 else { return nil }
        let value = characters.contains(UInt8(ascii: ":")) ? Self.ipv6(characters[...]) : Self.ipv4(characters[...])
        guard let value else { return nil }
        bits = value
    }

    /// Canonical: dotted for IPv4, else RFC 5952.
    package var description: String {
        guard !isIPv4 else { return (0..<4).map { String(UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0))) }.joined(separator: ".") }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * $0)) }
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > max(1, longest.count) { longest = start..<end }
            start = end + 1
        }
        let text = { (groups: ArraySlice<UInt16>) in groups.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !longest.isEmpty else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }

    private static func ipv4(_ characters: ArraySlice<UInt8>) -> UInt128? {
        let parts = characters.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value = mappedPrefix
        for (index, part) in parts.enumerated() {
            guard let number = decimal(part, atMost: 255) else { return nil }
            value |= UInt128(number) << (24 - 8 * index)
        }
        return value
    }

    private static func ipv6(_ characters: ArraySlice<UInt8>) -> UInt128? {
        let colons = characters.indices.dropLast().filter {
            characters[$0] == UInt8(ascii: ":") && characters[$0 + 1] == UInt8(ascii: ":")
        }
        guard let gap = colons.first else {
            guard let groups = groups(characters, mayEndInIPv4: true), groups.count == 8 else { return nil }
            return value(groups)
        }
        // A second gap, or three colons in a row.
        guard colons.count == 1, let head = groups(characters[..<gap], mayEndInIPv4: false),
            let tail = groups(characters[(gap + 2)...], mayEndInIPv4: true), head.count + tail.count <= 7
        else { return nil }
        return value(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func groups(_ characters: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !characters.isEmpty else { return [] }
        let parts = characters.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let address = ipv4(part) else { return nil }
                groups += [UInt16(truncatingIfNeeded: address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard (1...4).contains(part.count) else { return nil }
                var group: UInt16 = 0
                for character in part {
                    guard let digit = Character(UnicodeScalar(character)).hexDigitValue else { return nil }
                    group = group << 4 | UInt16(digit)
                }
                groups.append(group)
            }
        }
        return groups
    }

    private static func value(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// A number without sign, blank or leading zero.
    static func decimal(_ digits: ArraySlice<UInt8>, atMost maximum: Int) -> Int? {
        guard (1...5).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return value <= maximum ? value : nil
    }
}
