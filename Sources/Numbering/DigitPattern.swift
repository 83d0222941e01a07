/// A regular expression of the metadata, matched against digits without being compiled.
///
/// It knows what the metadata use, and no more: digits, `\d`, `[2-57]`, `(...)`, `(?:...)`, `|`, `?`, `{n}`, `{n,m}`, `$`. All
/// positions that a part of the expression can end at are one set of bits, and each part maps such a set to the next: a match takes time
/// in proportion to the expression, whatever the digits are. A malformed expression matches nothing.
struct DigitPattern {
    /// Digits that a match can be asked for at most: a position is a bit of 32.
    static let maximumDigits = 30

    /// A set of positions between digits.
    typealias Positions = UInt32

    /// A capturing group that is watched.
    private struct Watch {
        /// Counted from 1.
        let group: Int
        /// Where it may begin and end.
        var begin = Positions.max
        var end = Positions.max
        /// Where it did begin and end.
        var begins: Positions = 0
        var ends: Positions = 0
    }

    private let bytes: [UInt8]
    private let range: Range<Int>
    private let count: Int
    /// For each digit, the positions before which it stands.
    private let places: [Positions]

    private var index: Int
    private var groups = 0
    private var depth = 0
    private var isMalformed = false
    private var watch: Watch?

    /// - Parameters:
    ///   - range: of `bytes`, where the expression stands.
    ///   - digits: 0 to 9, at most ``maximumDigits``; of more, nothing matches.
    init(_ bytes: [UInt8], _ range: Range<Int>, digits: [UInt8]) {
        self.bytes = bytes
        self.range = range.clamped(to: bytes.indices)
        index = self.range.lowerBound
        count = digits.count
        var places = [Positions](repeating: 0, count: 10)
        if digits.count <= Self.maximumDigits {
            for (place, digit) in digits.enumerated() where digit < 10 { places[Int(digit)] |= 1 << Positions(place) }
        } else {
            isMalformed = true
        }
        self.places = places
    }

    /// Whether the expression matches all the digits.
    func matchesWhole() -> Bool {
        ends() & (1 << Positions(min(count, Self.maximumDigits))) != 0
    }

    /// How many digits the longest match from the beginning takes; nil for no match.
    func prefix() -> Int? {
        let ends = ends()
        return ends == 0 ? nil : Positions.bitWidth - 1 - ends.leadingZeroBitCount
    }

    /// The digits that a capturing group takes in the longest match from the beginning; nil when that match does without it.
    func span(ofGroup group: Int) -> Range<Int>? {
        guard let end = prefix() else { return nil }
        let last: Positions = 1 << Positions(end)
        var free = Watch(group: group)
        _ = ends(&free)
        var forbidden = Watch(group: group, begin: 0, end: 0)
        guard ends(&forbidden) & last == 0 else { return nil }
        // As a search from the left would: the earliest beginning, and the latest end.
        for begin in 0...end where free.begins & (1 << Positions(begin)) != 0 {
            for stop in (begin...end).reversed() where free.ends & (1 << Positions(stop)) != 0 {
                var exact = Watch(group: group, begin: 1 << Positions(begin), end: 1 << Positions(stop))
                if ends(&exact) & last != 0 { return begin..<stop }
            }
        }
        return nil
    }

    // MARK: Matching

    private func ends() -> Positions {
        var run = self
        return run.whole()
    }

    private func ends(_ watched: inout Watch) -> Positions {
        var run = self
        run.watch = watched
        let result = run.whole()
        if let watch = run.watch { watched = watch }
        return result
    }

    private mutating func whole() -> Positions {
        guard !isMalformed, !range.isEmpty else { return 0 }
        let result = alternatives(from: 1)
        return isMalformed || index != range.upperBound ? 0 : result
    }

    private var next: UInt8? { index < range.upperBound ? bytes[index] : nil }

    private mutating func alternatives(from set: Positions) -> Positions {
        var result: Positions = 0
        while true {
            var branch = set
            while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")"), !isMalformed { branch = term(from: branch) }
            result |= branch
            guard next == UInt8(ascii: "|") else { return result }
            index += 1
        }
    }

    /// One part with what says how often.
    private mutating func term(from set: Positions) -> Positions {
        let (start, groupsBefore) = (index, groups)
        var reached = atom(from: set)
        let times = quantifier()
        let after = index
        let groupsAfter = groups
        var result = times.lowerBound == 0 ? set | reached : times.lowerBound == 1 ? reached : 0
        guard times.upperBound > 1 else { return result }
        for time in 2...times.upperBound where !isMalformed && reached != 0 {
            (index, groups) = (start, groupsBefore)
            reached = atom(from: reached)
            if time >= times.lowerBound { result |= reached }
        }
        (index, groups) = (after, groupsAfter)
        return result
    }

    private mutating func atom(from set: Positions) -> Positions {
        guard let byte = next else { return 0 }
        index += 1
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return step(set, over: places[Int(byte & 0x0F)])
        case UInt8(ascii: "\\"):
            guard next == UInt8(ascii: "d") else { return fail() }
            index += 1
            return step(set, over: Positions.max)
        case UInt8(ascii: "["): return step(set, over: characterClass())
        case UInt8(ascii: "$"): return set & (1 << Positions(min(count, Self.maximumDigits)))
        case UInt8(ascii: "("): return group(from: set)
        default: return fail()
        }
    }

    private func step(_ set: Positions, over digits: Positions) -> Positions {
        // No position lies behind the last digit.
        (set & digits & ((1 << Positions(min(count, Self.maximumDigits))) &- 1)) << 1
    }

    private mutating func fail() -> Positions {
        isMalformed = true
        return 0
    }

    private mutating func characterClass() -> Positions {
        var result: Positions = 0
        while let first = digit() {
            var last = first
            if next == UInt8(ascii: "-") {
                index += 1
                guard let end = digit(), end >= first else { return fail() }
                last = end
            }
            for digit in first...last { result |= places[digit] }
        }
        guard next == UInt8(ascii: "]") else { return fail() }
        index += 1
        return result
    }

    private mutating func digit() -> Int? {
        guard let byte = next, (0x30...0x39).contains(byte) else { return nil }
        index += 1
        return Int(byte & 0x0F)
    }

    private mutating func group(from set: Positions) -> Positions {
        var number: Int?
        if next == UInt8(ascii: "?") {
            index += 1
            guard next == UInt8(ascii: ":") else { return fail() }
            index += 1
        } else {
            groups += 1
            number = groups
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= 16 else { return fail() }
        var inner = set
        let isWatched = number != nil && number == watch?.group
        if isWatched {
            watch?.begins |= set
            inner &= watch?.begin ?? 0
        }
        var result = alternatives(from: inner)
        guard next == UInt8(ascii: ")") else { return fail() }
        index += 1
        if isWatched {
            watch?.ends |= result
            result &= watch?.end ?? 0
        }
        return result
    }

    private mutating func quantifier() -> ClosedRange<Int> {
        switch next {
        case UInt8(ascii: "?"):
            index += 1
            return 0...1
        case UInt8(ascii: "{"):
            index += 1
            guard let first = number() else { break }
            var last = first
            if next == UInt8(ascii: ",") {
                index += 1
                guard let end = number(), end >= first else { break }
                last = end
            }
            guard next == UInt8(ascii: "}"), last > 0 else { break }
            index += 1
            return first...last
        default: return 1...1
        }
        isMalformed = true
        return 1...1
    }

    /// 0 to 99.
    private mutating func number() -> Int? {
        guard var value = digit() else { return nil }
        if let unit = digit() { value = value * 10 + unit }
        return value
    }
}
