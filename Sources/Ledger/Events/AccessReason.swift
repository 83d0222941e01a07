/// Why a document is opened: a purpose, and possibly a reference of the organisation's own (a ticket, an order).
///
/// A closed list and a narrow form, because the ledger leaves this machine and holds no PHI: a free sentence would bring it in.
/// The purposes follow 45 CFR 164.506 (treatment, payment, operations) and 164.508 to 164.512.
package struct AccessReason: Sendable, Hashable, CustomStringConvertible {
    /// The purposes of the rule.
    package enum Purpose: String, Sendable, Hashable, CaseIterable {
        case treatment
        case payment
        case operations
        /// The patient asked for it (164.524) or authorised it (164.508).
        case individual
        /// 164.512(b)
        case publicHealth = "public-health"
        /// Courts, law enforcement, oversight (164.512(d) to (f)).
        case legal
        /// Danger to somebody's life (164.312(a)(2)(ii), 164.512(j)).
        case emergency
        /// Checking that a fax is what it should be: quality, delivery, support.
        case support
        case audit
    }

    package let purpose: Purpose
    /// 1 to 40 of ASCII letters, digits, `-`, `_` and `.`, not all digits: a bare number may be a phone number or a record number.
    package let reference: String?

    /// Reads `treatment` or `treatment:ORDER-7F`. Nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let purpose = Purpose(rawValue: String(parts[0])) else { return nil }
        self.purpose = purpose
        guard parts.count == 2 else {
            reference = nil
            return
        }
        let reference = parts[1]
        let isAllowed = reference.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        let hasLetter = reference.utf8.contains { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
        guard isAllowed, hasLetter, (1...40).contains(reference.utf8.count) else { return nil }
        self.reference = String(reference)
    }

    package var description: String { purpose.rawValue + (reference.map { ":\($0)" } ?? "") }

    /// For messages: what may be written.
    package static var expected: String {
        "one of \(Purpose.allCases.map(\.rawValue).joined(separator: ", ")), and possibly a reference, as in treatment:ORDER-7F"
    }
}
