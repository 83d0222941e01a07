import Testing

@testable import Numbering

@Suite struct DigitPatternTests {
    private static func pattern(_ text: String, _ digits: String) -> DigitPattern {
        let bytes = Array(text.utf8)
        return DigitPattern(bytes, 0..<bytes.count, digits: digits.utf8.map { $0 & 0x0F })
    }

    @Test(arguments: [
        ("123", "123", true), ("123", "12", false), ("123", "1234", false), (#"\d{3}"#, "555", true), (#"[2-57]\d"#, "69", false),
        ("[2-57]", "7", true), ("[2-57]", "5", true), ("[2-57]", "6", false), ("1?2", "2", true), ("1?2", "12", true),
        ("1?2", "112", false),
        (#"\d{2,4}"#, "1", false), (#"\d{2,4}"#, "12", true), (#"\d{2,4}"#, "1234", true), (#"\d{2,4}"#, "12345", false),
        ("(?:12|3)4", "34", true), ("(?:12|3)4", "124", true), ("(?:12|3)4", "14", false), ("(?:12){2}", "1212", true),
        ("(?:1|2(?:3|45)?)6", "26", true), ("(?:1|2(?:3|45)?)6", "2456", true), ("(?:1|2(?:3|45)?)6", "246", false),
        ("1|2", "2", true), ("1|2", "12", false), ("1$|2", "1", true), ("(1(?:2|3)){1,2}4", "12134", true),
    ])
    func wholes(text: String, digits: String, matches: Bool) {
        #expect(Self.pattern(text, digits).matchesWhole() == matches)
    }

    @Test(
        arguments: [
            ("0", "0123", 1), ("0|180020", "1800205", 6), ("0", "123", nil), ("0?", "123", 0), (#"([2-9]\d{6})$|1"#, "2345678", 7),
            (#"([2-9]\d{6})$|1"#, "23456789", nil), (#"([2-9]\d{6})$|1"#, "1234", 1), ("00[1-9]?", "0015", 3), ("00[1-9]?", "000", 2),
        ] as [(String, String, Int?)])
    func prefixes(text: String, digits: String, length: Int?) {
        #expect(Self.pattern(text, digits).prefix() == length)
    }

    @Test func groups() {
        // What is kept of a number whose area code is dialled only from elsewhere, and of one behind a carrier's code.
        #expect(Self.pattern(#"([2-9]\d{6})$|1"#, "2345678").span(ofGroup: 1) == 0..<7)
        #expect(Self.pattern(#"([2-9]\d{6})$|1"#, "1234").span(ofGroup: 1) == nil)
        let carrier = #"0(?:(1[245]|99)(\d{10,11}))?"#
        #expect(Self.pattern(carrier, "0151234567890").span(ofGroup: 1) == 1..<3)
        #expect(Self.pattern(carrier, "0151234567890").span(ofGroup: 2) == 3..<13)
        #expect(Self.pattern(carrier, "015123").span(ofGroup: 2) == nil)
        #expect(Self.pattern(carrier, "015123").span(ofGroup: 3) == nil)
    }

    @Test(arguments: [
        "(", ")", "(?", "(?=1)", "[", "[1", "[2-1]", "[a]", "{2}", "1{", "1{2", "1{2,1}", "1{0}", "\\", "\\w", "a", ".", "1*", "",
    ])
    func malformedOnesMatchNothing(text: String) {
        for digits in ["", "1", "11", "111"] {
            #expect(!Self.pattern(text, digits).matchesWhole() && Self.pattern(text, digits).span(ofGroup: 1) == nil, "\(digits)")
        }
    }

    @Test func hostileOnesEnd() {
        let digits = String(repeating: "1", count: 40)
        #expect(Self.pattern(#"\d{30,40}"#, digits).prefix() == nil)
        let nested = String(repeating: "(?:", count: 200) + "1" + String(repeating: ")", count: 200)
        #expect(!Self.pattern(nested, "1").matchesWhole())
        let wide = String(repeating: "(?:1|11?)", count: 200)
        #expect(!Self.pattern(wide, String(repeating: "1", count: 30)).matchesWhole())
        let bytes = Array("1".utf8)
        #expect(!DigitPattern(bytes, 5..<9, digits: [1]).matchesWhole())
        #expect(DigitPattern(bytes, 0..<1, digits: [1, 77]).prefix() == 1)
    }
}
