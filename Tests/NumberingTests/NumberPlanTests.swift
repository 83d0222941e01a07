import Testing

@testable import Numbering

@Suite struct NumberPlanTests {
    private static func parse(_ text: String, _ region: String? = "US") throws(NumberError) -> E164Number {
        try NumberPlan.world.parse(text, defaultRegion: region)
    }

    @Test(arguments: [
        "+15551230100", "15551230100", "5551230100", "555-123-0100", "(555) 123-0100", "+1 (555) 123-0100", "1-555-123-0100",
        "555.123.0100",
        "011 1 555 123 0100", "tel:+1-555-123-0100", "fax:+15551230100", "  +1 555 123 0100\n", "\u{202A}+1 555 123 0100\u{202C}",
        "\u{FF0B}\u{FF11}\u{FF15}\u{FF15}\u{FF15}1230100", "+1\u{00A0}555\u{2011}123\u{2013}0100", "\u{661}\u{665}\u{665}\u{665}1230100",
        "+1 [555] 123/0100",
    ])
    func oneNumberWrittenInManyWays(text: String) throws {
        let number = try Self.parse(text)
        #expect(number.text == "+15551230100" && number.countryCode == 1 && number.nationalNumber == "5551230100")
        #expect(number.extension == nil)
        // Invented numbers are possible, and in no range that is in use.
        #expect(!number.isValid && number.region == nil && number.kind == .unknown)
        #expect(!"\(number)".contains("555"))
    }

    @Test func theSandboxIsInUse() throws {
        let number = try Self.parse("+1 500 555 0006", nil)
        #expect(number.text == "+15005550006" && number.kind == .personal && number.isValid)
    }

    /// The country code that other servers invented (`5551234567` became `+55...`) comes from nowhere but the default region.
    @Test func noCountryIsGuessed() throws {
        for text in ["5551234567", "005551234567", "0115551234567", "555-123-4567", "15551234567"] {
            #expect(throws: NumberError.ambiguous) { try Self.parse(text, nil) }
        }
        #expect(try Self.parse("5551234567", "US").text == "+15551234567")
        #expect(try Self.parse("+5551234567", nil).countryCode == 55)
        #expect(throws: NumberError.unknownRegion) { try Self.parse("5551234567", "XX") }
        #expect(throws: NumberError.unknownRegion) { try Self.parse("5551234567", "001") }
        #expect(throws: NumberError.unknownRegion) { try Self.parse("5551234567", "") }
    }

    /// Trunk prefixes, prefixes of calls abroad, zeros that belong to the number. Numbers of Ofcom's and others' ranges for drama.
    @Test(arguments: [
        ("020 7946 0018", "GB", "+442079460018"), ("+44 (0)20 7946 0018", "US", "+442079460018"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("0044 20 7946 0018", "FR", "+442079460018"), ("06 698 12345", "IT", "+390669812345"), ("+39 06 698 12345", "US", "+390669812345"),
        ("8 (495) 123-45-67", "RU", "+74951234567"), ("0011 1 555 123 0100", "AU", "+15551230100"),
        ("0 15 11 2345-6789", "BR", "+551123456789"), ("876 555 0123", "JM", "+18765550123"), ("555 0123", "GD", "+14735550123"),
        ("+800 1234 5678", "US", "+80012345678"), ("030/901820", "DE", "+4930901820"),
    ])
    func numberingPlans(text: String, region: String, expected: String) throws {
        #expect(try Self.parse(text, region).text == expected)
    }

    @Test(arguments: [
        ("5551230100x12", "12"), ("555-123-0100 ext. 12", "12"), ("+1 555 123 0100;ext=0012", "0012"), ("5551230100 extension 7", "7"),
        ("5551230100 #7", "7"), ("5551230100, x 7", "7"),
    ])
    func extensions(text: String, expected: String) throws {
        let number = try Self.parse(text)
        #expect(number.text == "+15551230100" && number.extension == expected)
    }

    @Test func wordsOnTheKeypad() throws {
        #expect(try Self.parse("1-800-FAX-LOCK").text == "+18003295625")
        #expect(try Self.parse("1-800-fax-lock").kind == .tollFree)
        #expect(try Self.parse("1-800-BOX-1234").text == "+18002691234")
    }

    /// To dial the keys of such letters would reach somebody else.
    @Test(arguments: ["555I23O1OO", "555123O100", "55512301OO", "5551230 l00", "555123OIOO", "FAXLOCK800", "a5551230100"])
    func slipsAreNoWords(text: String) {
        #expect(throws: NumberError.letters) { try Self.parse(text) }
    }

    @Test(
        arguments: [
            ("", .notANumber), ("   ", .notANumber), ("+", .notANumber), ("++15551230100", .notANumber), ("1+5551230100", .notANumber),
            ("fax", .letters), ("5551230100@example.org", .notANumber), ("555;1230100", .notANumber), ("*675551230100", .notANumber),
            ("555123\u{0}0100", .notANumber), ("5551230100\n5551230101", .notANumber), ("x12", .letters),
            ("\u{1F4E0}5551230100", .notANumber),
            ("+0015551230100", .unknownCountryCode), ("+999 123 456 789", .unknownCountryCode), ("011", .unknownCountryCode),
            ("011 999 1234567", .unknownCountryCode), ("+1", .tooShort("US")), ("+1555123", .tooShort("US")), ("123", .tooShort("US")),
            ("1230100", .localOnly("US")), ("+1 555 123 01000", .tooLong("US")),
            ("+870 1234567890", .impossibleLength("the country code 870")),
            ("+800 1234567", .tooShort("the country code 800")), (String(repeating: "5", count: 31), .tooLong("any country")),
            (String(repeating: " ", count: 200) + "5551230100", .notANumber),
        ] as [(String, NumberError)])
    func whatIsNoNumber(text: String, error: NumberError) {
        #expect(throws: error) { try Self.parse(text) }
        #expect(!error.sentence.contains("555") || error.sentence.contains("+15551230100"))
    }

    @Test func whatIsAtHome() throws {
        let plan = NumberPlan.world
        for (text, home, isDomestic) in [
            ("+15551230100", "US", true), ("+12125550123", "US", true), ("+18765550123", "US", false), ("+14165550123", "US", false),
            ("+17875550123", "US", true), ("+12125550123", "PR", true), ("+18002345678", "CA", true), ("+14165550123", "CA", true),
            ("+442079460018", "US", false), ("+442079460018", "GB", true), ("+80012345678", "US", false), ("+15551230100", "XX", false),
        ] {
            #expect(plan.isDomestic(try Self.parse(text, nil), home: home) == isDomestic, "\(text) \(home)")
        }
        #expect(plan.home(of: try Self.parse("+15551230100")) == "US")
        #expect(plan.home(of: try Self.parse("+18765550123")) == "JM")
        #expect(plan.home(of: try Self.parse("+80012345678")) == nil)
    }

    @Test func premiumRates() throws {
        #expect(try Self.parse("+1 900 234 5678").kind == .premiumRate)
        #expect(try Self.parse("+44 909 879 0000").kind == .premiumRate)
    }

    @Test func theMetadata() {
        #expect(NumberPlan.world.version == "9.0.43")
        #expect(NumberPlan.world.hasRegion("us") && NumberPlan.world.hasRegion("CH") && !NumberPlan.world.hasRegion("ZZ"))
        // A file that is cut or is none has no numbers, and nothing worse.
        for count in [0, 1, 1000, 50_000] {
            let plan = NumberPlan(Array(PackageResources.numbers_txt.prefix(count)))
            _ = try? plan.parse("+15551230100", defaultRegion: "US")
        }
        var random = SeededRandom(seed: 7)
        for _ in 0..<20 {
            var bytes = Array(PackageResources.numbers_txt.prefix(20_000))
            for _ in 0..<200 { bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            let plan = NumberPlan(bytes)
            for text in ["+15551230100", "+442079460018", "0151234567890"] { _ = try? plan.parse(text, defaultRegion: "US") }
        }
    }
}
