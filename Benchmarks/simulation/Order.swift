import FaxModel

/// A fax that a client will ask for.
struct Order {
    let at: Timestamp
    let destination: Int
    let pages: Int
    let resolution: Resolution
    let terms: FaxTerms
    let hold: HoldReason?
    /// When the client thinks better of it.
    let cancelAt: Timestamp?

    /// A week's faxes: most of them by day, some in batches at once, more to some numbers than to others.
    static func week(_ count: Int, from start: Timestamp, town: [Destination], using random: inout SeededRandom) -> [Order] {
        let zones = ["America/New_York", "America/Chicago", "America/Los_Angeles"].compactMap {
            RecipientHours("Mon-Fri 08:00-17:00 \($0)")
        }
        return (0..<count).map { index in
            let isBulk = index < count / 10
            // Bulk comes at 9 o'clock of one of the days, the rest mostly between 7 and 19.
            let day = Int.random(in: 0..<7, using: &random)
            let hour =
                isBulk
                ? 9
                : random.chance(0.85)
                    ? 7 + 12 * (Double.random(in: 0..<1, using: &random) + Double.random(in: 0..<1, using: &random)) / 2
                    : Double.random(in: 0..<24, using: &random)
            let at = start.advanced(by: .milliseconds(Int64((Double(day) * 24 + hour) * 3_600_000) + (isBulk ? Int64(index) : 0)))
            // A quarter of the traffic goes to a fiftieth of the numbers.
            let destination = Int.random(in: 0..<(random.chance(0.25) ? max(1, town.count / 50) : town.count), using: &random)
            let isStranger = town[destination].kind == .stranger
            return Order(
                at: at, destination: destination, pages: pages(using: &random), resolution: random.chance(0.8) ? .fine : .standard,
                terms: terms(at: at, isBulk: isBulk, isStranger: isStranger, zones: zones, using: &random),
                hold: random.chance(0.01) ? .firstUse : nil,
                cancelAt: random.chance(0.03) ? at.advanced(by: random.seconds(0...5400)) : nil)
        }.sorted { $0.at < $1.at }
    }

    private static func pages(using random: inout SeededRandom) -> Int {
        random.chance(0.03) ? .random(in: 10...25, using: &random) : .random(in: 1...4, using: &random)
    }

    private static func terms(
        at: Timestamp, isBulk: Bool, isStranger: Bool, zones: [RecipientHours], using random: inout SeededRandom
    ) -> FaxTerms {
        var terms = FaxTerms()
        terms.priority = isBulk ? .bulk : random.chance(0.08) ? .urgent : .normal
        if random.chance(0.15) {
            terms.hours = zones.randomElement(using: &random)
            // Some clients forget that an evening's fax needs until the morning.
            if random.chance(0.8) { terms.notAfter = at.advanced(by: .seconds(4 * 86_400)) }
        }
        if random.chance(0.05) { terms.sendAt = at.advanced(by: random.seconds(600...36_000)) }
        if random.chance(0.03) { terms.maximumDials = .random(in: 1...5, using: &random) }
        if random.chance(0.03) { terms.maximumTries = .random(in: 1...5, using: &random) }
        if random.chance(0.02) { terms.notAfter = (terms.sendAt ?? at).advanced(by: random.seconds(60...1800)) }
        if random.chance(0.01) { terms.maximumDials = 30 }
        if isStranger { terms.expectedStation = "15551230100" }
        return terms
    }
}
