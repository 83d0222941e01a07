/// What fax machines call themselves (CSI, TSI; ITU-T T.30 5.3.6.2.4): mostly their number, written as whoever set the machine up liked.
package enum StationIdentifier {
    /// Digits at the end that both must have, lest two machines of one exchange be taken for each other.
    private static let fewest = 7

    /// Whether a machine that calls itself `identifier` can be the one with the number `expected`. Only digits count, and of the longer the
    /// last ones: `+1 555 123 0142`, `555-123-0142` and `1230142` are one machine. Fewer than seven digits must be the same altogether; what
    /// has no digits matches nothing.
    package static func matches(_ identifier: some StringProtocol, expected: some StringProtocol) -> Bool {
        let (actual, expected) = (digits(identifier), digits(expected))
        guard !actual.isEmpty, !expected.isEmpty else { return false }
        let common = min(actual.count, expected.count)
        guard common >= fewest else { return actual == expected }
        return actual.suffix(common) == expected.suffix(common)
    }

    private static func digits(_ text: some StringProtocol) -> [UInt8] { text.utf8.filter { (0x30...0x39).contains($0) } }
}
