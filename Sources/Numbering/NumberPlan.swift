/// Reads numbers as people write them, by the numbering plans of the world.
package struct NumberPlan: Sendable {
    /// The metadata that are built in, read once.
    package static let world = NumberPlan(PackageResources.numbers_txt)

    let metadata: NumberMetadata

    init(_ bytes: [UInt8]) { metadata = NumberMetadata(bytes) }

    /// Of the package that the metadata were taken from.
    package var version: String { metadata.version }

    /// Whether a text is the two letters of a region with a numbering plan, in any case.
    package func hasRegion(_ name: String) -> Bool { metadata.region(name.uppercased()) != nil }

    /// The number that a text means.
    ///
    /// With a `+` the text itself says which country is meant. Without one it is a number as it is dialled in the default region: with
    /// that region's international prefix (011, 00), with its trunk prefix (0, 1, 8) or without. No country code is ever guessed. The
    /// number has a length that its country has; whether it is in use, ``E164Number/isValid`` tells.
    /// - Parameter defaultRegion: two letters of ISO 3166-1; nil: only texts with `+` are numbers.
    package func parse(_ text: String, defaultRegion: String?) throws(NumberError) -> E164Number {
        let written = try WrittenNumber(text)
        guard written.digits.count <= DigitPattern.maximumDigits else { throw .tooLong("any country") }
        let home: NumberMetadata.Region?
        if let defaultRegion {
            guard let region = metadata.region(defaultRegion.uppercased()) else { throw .unknownRegion }
            home = region
        } else {
            home = nil
        }
        if written.isInternational { return try international(written.digits, written.extension) }
        guard let home else { throw .ambiguous }
        if let rest = withoutInternationalPrefix(written.digits, home) { return try international(rest, written.extension) }
        return try national(withoutOwnCode(written.digits, home) ?? written.digits, home, written.extension)
    }

    // MARK: The ways to write a number

    /// - Parameter digits: country code and number.
    private func international(_ digits: [UInt8], _ extension: String?) throws(NumberError) -> E164Number {
        var code = 0
        for (place, digit) in digits.prefix(3).enumerated() {
            code = code * 10 + Int(digit)
            guard code > 0 else { throw .unknownCountryCode }
            if let region = metadata.mainRegion(ofCode: code) {
                return try national(Array(digits[(place + 1)...]), region, `extension`)
            }
        }
        throw .unknownCountryCode
    }

    /// What follows the prefix of calls abroad, if the number begins with it.
    private func withoutInternationalPrefix(_ digits: [UInt8], _ home: NumberMetadata.Region) -> [UInt8]? {
        guard let length = pattern(home.internationalPrefix, digits).prefix(), length > 0 else { return nil }
        let rest = digits[length...]
        // No country code begins with 0: this is a national number that begins alike.
        return rest.first == 0 ? nil : Array(rest)
    }

    /// What follows the own country code that somebody wrote without `+`, where only that makes a number of it.
    private func withoutOwnCode(_ digits: [UInt8], _ home: NumberMetadata.Region) -> [UInt8]? {
        let code = String(home.countryCode).utf8.map { $0 & 0x0F }
        guard digits.starts(with: code) else { return nil }
        let rest = withoutNationalPrefix(Array(digits.dropFirst(code.count)), home)
        let becomesNumber = !isOfPlan(digits, home) && isOfPlan(rest, home)
        return becomesNumber || fit(digits.count, home) == .tooLong ? rest : nil
    }

    /// - Parameter digits: a number of the region as it is dialled there.
    private func national(_ digits: [UInt8], _ region: NumberMetadata.Region, _ extension: String?) throws(NumberError) -> E164Number {
        let place = region.name == "001" ? "the country code \(region.countryCode)" : region.name
        guard digits.count >= 2 else { throw .tooShort(place) }
        var number = digits
        let stripped = withoutNationalPrefix(digits, region)
        // What is left must not be shorter than a number: then the prefix was none.
        switch fit(stripped.count, region) {
        case .possible, .tooLong: number = stripped
        case .local, .tooShort, .impossible: break
        }
        // Lengths are those of the country code, which its main region has all of.
        switch fit(number.count, metadata.mainRegion(ofCode: region.countryCode) ?? region) {
        case .possible: break
        case .local: throw .localOnly(place)
        case .tooShort: throw .tooShort(place)
        case .tooLong: throw .tooLong(place)
        case .impossible: throw .impossibleLength(place)
        }
        let (actual, kind) = classify(number, code: region.countryCode)
        let text = number.map { String($0) }.joined()
        return E164Number(
            text: "+\(region.countryCode)\(text)", countryCode: region.countryCode, nationalNumber: text, region: actual, kind: kind,
            extension: `extension`)
    }

    /// Without the trunk prefix, or with what the plan says in place of it: a carrier's code, the area code that is not dialled.
    private func withoutNationalPrefix(_ digits: [UInt8], _ region: NumberMetadata.Region) -> [UInt8] {
        let prefix = pattern(region.nationalPrefix, digits)
        guard let length = prefix.prefix() else { return digits }
        var result = Array(digits[length...])
        let rule = metadata.bytes[region.transform]
        if let mark = rule.firstIndex(of: UInt8(ascii: "\\")), let number = rule[(mark + 1)...].first,
            let kept = prefix.span(ofGroup: Int(number & 0x0F))
        {
            result = rule[..<mark].map { $0 & 0x0F } + digits[kept] + result
        }
        // A number that is one as it stands, and would be none without what looks like a prefix, has none.
        return isOfPlan(digits, region) && !isOfPlan(result, region) ? digits : result
    }

    // MARK: What the plan says

    enum Fit { case possible, local, tooShort, tooLong, impossible }

    func fit(_ length: Int, _ region: NumberMetadata.Region) -> Fit {
        guard let general = region.ranges.first, general.lengths != 0 else { return .impossible }
        let bit: UInt32 = length <= DigitPattern.maximumDigits ? 1 << UInt32(length) : 0
        if general.localLengths & bit != 0 { return .local }
        if general.lengths & bit != 0 { return .possible }
        if length < general.lengths.trailingZeroBitCount { return .tooShort }
        return length > UInt32.bitWidth - 1 - general.lengths.leadingZeroBitCount ? .tooLong : .impossible
    }

    /// Whether the general description of the region's numbers matches.
    private func isOfPlan(_ digits: [UInt8], _ region: NumberMetadata.Region) -> Bool {
        region.ranges.first.map { pattern($0.pattern, digits).matchesWhole() } ?? false
    }

    /// In which of the regions of a country code the number is one, and of what kind.
    private func classify(_ digits: [UInt8], code: Int) -> (region: String?, kind: NumberKind) {
        let regions = metadata.regions(ofCode: code)
        for region in regions {
            if regions.count > 1, !region.leadingDigits.isEmpty {
                guard pattern(region.leadingDigits, digits).prefix() != nil else { continue }
                return (region.name, kind(digits, region))
            }
            let kind = kind(digits, region)
            guard kind == .unknown else { return (region.name == "001" ? nil : region.name, kind) }
        }
        return (regions.count == 1 && regions[0].name != "001" ? regions[0].name : nil, .unknown)
    }

    func kind(_ digits: [UInt8], _ region: NumberMetadata.Region) -> NumberKind {
        guard isOfPlan(digits, region) else { return .unknown }
        let bit: UInt32 = digits.count <= DigitPattern.maximumDigits ? 1 << UInt32(digits.count) : 0
        var isFixed = false
        for range in region.ranges {
            guard let kind = range.kind, range.lengths == 0 || range.lengths & bit != 0, pattern(range.pattern, digits).matchesWhole()
            else { continue }
            switch kind {
            case .fixedLine: isFixed = true
            case .mobile: return isFixed ? .fixedLineOrMobile : .mobile
            default: return kind
            }
        }
        return isFixed ? .fixedLine : .unknown
    }

    private func pattern(_ range: Range<Int>, _ digits: [UInt8]) -> DigitPattern { DigitPattern(metadata.bytes, range, digits: digits) }
}
