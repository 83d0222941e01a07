import FaxModel

/// A number in the simulated town, and what answers there.
struct Destination {
    /// What a caller finds.
    enum Kind: String, CaseIterable {
        case good, busy, badLine = "bad line", noT38 = "no T.38", slow, coarse = "standard only", person, silent, office = "day only",
            unallocated, refusing, stranger = "wrong machine"

        /// Its share of all numbers, in thousandths.
        var share: Int {
            switch self {
            case .good: 620
            case .busy: 110
            case .badLine: 70
            case .noT38: 30
            case .slow: 30
            case .coarse: 20
            case .person: 20
            case .silent: 20
            case .office: 40
            case .unallocated: 20
            case .refusing: 10
            case .stranger: 10
            }
        }
    }

    let kind: Kind
    let number: PhoneNumber

    /// A town of `count` numbers.
    static func town(_ count: Int, using random: inout SeededRandom) -> [Destination] {
        let kinds = Kind.allCases.flatMap { Array(repeating: $0, count: $0.share) }
        return (0..<count).compactMap { index in
            let digits = String(10_000 + index).dropFirst()
            // The first of each kind are certain, so that a small town has all.
            let kind = index < Kind.allCases.count ? Kind.allCases[index] : kinds.randomElement(using: &random)
            return PhoneNumber("+155512301" + digits).map { Destination(kind: kind ?? .good, number: $0) }
        }
    }
}
