/// The numbering plans of the world, as Metadata/numbers.txt has them. scripts/numbering-metadata.py says what its lines are.
struct NumberMetadata: Sendable {
    /// One kind of numbers of a region.
    struct Range: Sendable {
        /// Nil for the description of all numbers there can be.
        let kind: NumberKind?
        /// A bit for each length; none where any is good.
        let lengths: UInt32
        /// Lengths of numbers without their area code.
        let localLengths: UInt32
        let pattern: Swift.Range<Int>
    }

    /// What applies to the numbers of a region, or of a country code of no region (`001`).
    struct Region: Sendable {
        let name: String
        let countryCode: Int
        let internationalPrefix: Swift.Range<Int>
        let nationalPrefix: Swift.Range<Int>
        /// What takes the place of the national prefix: digits, and after a backslash the group that is kept.
        let transform: Swift.Range<Int>
        /// How numbers of this region begin, among those that share its country code.
        let leadingDigits: Swift.Range<Int>
        /// The first describes all numbers there can be.
        fileprivate(set) var ranges: [Range] = []
    }

    let bytes: [UInt8]
    private(set) var version = ""
    private var regions: [Region] = []
    private var byName: [String: Int] = [:]
    private var byCode: [Int: [Int]] = [:]

    /// - Parameter bytes: a file whose lines are not understood has no regions: nothing is a number then.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var sharing: [(code: Int, names: [String])] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let fields = Self.fields(of: bytes, start..<end)
            switch fields.first.flatMap({ bytes[$0].first }) {
            case UInt8(ascii: "V") where fields.count == 2: version = text(fields[1])
            case UInt8(ascii: "C") where fields.count == 3:
                if let code = Int(text(fields[1])) { sharing.append((code, text(fields[2]).split(separator: " ").map(String.init))) }
            case UInt8(ascii: "R") where fields.count == 7: addRegion(fields)
            case UInt8(ascii: "D") where fields.count == 5: addRange(fields)
            default: break
            }
            start = end + 1
        }
        for (place, region) in regions.enumerated() where region.name != "001" { byName[region.name] = place }
        for (code, names) in sharing {
            byCode[code] = names.compactMap { name in
                name == "001" ? regions.firstIndex { $0.name == name && $0.countryCode == code } : byName[name]
            }
        }
    }

    /// By its two letters, in capitals.
    func region(_ name: String) -> Region? { byName[name].map { regions[$0] } }

    /// The regions of a country code, the main one first; empty for a code of no country.
    func regions(ofCode code: Int) -> [Region] { (byCode[code] ?? []).map { regions[$0] } }

    func mainRegion(ofCode code: Int) -> Region? { byCode[code]?.first.map { regions[$0] } }

    func text(_ range: Swift.Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private static func fields(of bytes: [UInt8], _ line: Swift.Range<Int>) -> [Swift.Range<Int>] {
        var result: [Swift.Range<Int>] = []
        var start = line.lowerBound
        for place in line where bytes[place] == 0x09 {
            result.append(start..<place)
            start = place + 1
        }
        result.append(start..<line.upperBound)
        return result
    }

    private mutating func addRegion(_ fields: [Swift.Range<Int>]) {
        guard let code = Int(text(fields[2])) else { return }
        regions.append(
            Region(
                name: text(fields[1]), countryCode: code, internationalPrefix: fields[3], nationalPrefix: fields[4], transform: fields[5],
                leadingDigits: fields[6]))
    }

    private mutating func addRange(_ fields: [Swift.Range<Int>]) {
        guard let region = regions.indices.last else { return }
        let word = text(fields[1])
        let kind = NumberKind(metadata: word[...])
        // The description of all numbers comes first, and there is one.
        guard (word == "general") == regions[region].ranges.isEmpty, kind != nil || word == "general" else { return }
        var pattern = fields[4]
        if bytes[pattern].elementsEqual([UInt8(ascii: "=")]), let above = regions[region].ranges.last { pattern = above.pattern }
        regions[region].ranges.append(
            Range(kind: kind, lengths: Self.lengths(text(fields[2])), localLengths: Self.lengths(text(fields[3])), pattern: pattern))
    }

    /// `5,7-9` as bits.
    private static func lengths(_ text: String) -> UInt32 {
        var result: UInt32 = 0
        for run in text.split(separator: ",") {
            let ends = run.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last, (1...30).contains(first), last <= 30 else { continue }
            for length in first...last { result |= 1 << UInt32(length) }
        }
        return result
    }
}
