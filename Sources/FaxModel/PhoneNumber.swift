/// A number to dial: `+` and digits, or digits alone as the trunk expects them. PHI: it prints itself masked.
///
/// No country code is ever invented for a number that came without one.
package struct PhoneNumber: Sendable, Hashable, CustomStringConvertible {
    /// `+15551230100` or `5551230100`: what is dialled.
    package let dialString: String

    /// - Returns: nil unless `text` is an optional `+` and 6 to 20 digits (the contract's `^[+]?\d{6,20}$`).
    package init?(_ text: some StringProtocol) {
        let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard (6...20).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        dialString = String(text)
    }

    /// The digits without `+`.
    package var digits: String { String(dialString.drop { $0 == "+" }) }

    /// `+1555***0100`: enough for a person to recognise a number that they know. Three digits at least are hidden.
    package var masked: String {
        guard digits.count >= 8 else { return "***" }
        let shown = min(4, digits.count - 7)
        return dialString.prefix(dialString.count - digits.count + shown) + "***" + digits.suffix(4)
    }

    package var description: String { masked }
}
