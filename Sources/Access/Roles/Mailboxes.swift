/// Some mailboxes or all, those that do not exist yet included.
package enum Mailboxes: Sendable, Hashable {
    case all
    case only(Set<String>)

    /// Whether `mailbox` is one of them.
    package func contains(_ mailbox: String) -> Bool {
        switch self {
        case .all: true
        case .only(let names): names.contains(mailbox)
        }
    }

    package var isEmpty: Bool { self == .only([]) }

    /// Whether `text` can be a mailbox's id: 1 to 64 of `a` to `z`, `0` to `9` and `-`.
    package static func isName(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { character in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) || character == UInt8(ascii: "-")
            }
    }
}
