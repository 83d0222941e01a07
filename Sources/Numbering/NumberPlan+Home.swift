extension NumberPlan {
    /// The United States and the territories that count as States under HIPAA (45 CFR 160.103): calls between them are not international.
    private static let unitedStates: Set<String> = ["US", "PR", "VI", "GU", "AS", "MP"]

    /// Whether a call from a region to a number stays inside of the country.
    ///
    /// The same country code is not enough: Jamaica has the United States' code, and an international rate. A number that no region has,
    /// and one that the home region's own plan has (toll-free numbers of North America), is at home where the country code is.
    package func isDomestic(_ number: E164Number, home: String) -> Bool {
        guard let region = metadata.region(home.uppercased()), region.countryCode == number.countryCode else { return false }
        guard let actual = number.region, actual != region.name else { return true }
        if Self.unitedStates.contains(actual), Self.unitedStates.contains(region.name) { return true }
        return kind(number.nationalNumber.utf8.map { $0 & 0x0F }, region) != .unknown
    }

    /// The region from which calls are made: of a number that is its own, or the main one of its country code.
    package func home(of number: E164Number) -> String? {
        number.region ?? metadata.mainRegion(ofCode: number.countryCode).flatMap { $0.name == "001" ? nil : $0.name }
    }
}
