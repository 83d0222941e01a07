import FaxModel
import Testing

@Suite struct PhoneNumberTests {
    @Test(arguments: ["+15551230100", "15551230100", "5551230100", "555123", "+555123", "00015551230100", "12345678901234567890"])
    func `what is dialled is what was given`(text: String) throws {
        let number = try #require(PhoneNumber(text))
        #expect(number.dialString == text)
        #expect(number.digits == (text.hasPrefix("+") ? String(text.dropFirst()) : text))
    }

    @Test(arguments: [
        "", "+", "55512", "+55512", "123456789012345678901", "+1 555 123 0100", "+1-555-123-0100", "(555)1230100", "++15551230100",
        "1+5551230100", "15551230100+", "555123x100", "sip:5551230100", " 5551230100", "5551230100\n", "*675551230100",
        "\u{661}\u{665}\u{665}\u{665}\u{661}\u{662}\u{663}", "+\u{FF11}5551230100", "+1555123010\u{301}0",
    ])
    func `what is not a number is refused`(text: String) {
        #expect(PhoneNumber(text) == nil)
    }

    /// 10 digits of North America stay 10 digits: a guessed country code could reach a stranger.
    @Test func `no country code is invented`() throws {
        for text in ["5551230100", "05551230100", "0015551230100"] {
            let number = try #require(PhoneNumber(text))
            #expect(number.dialString == text)
            #expect(number != PhoneNumber("+1" + text))
        }
    }

    @Test(arguments: [
        ("+15551230100", "+1555***0100"), ("15551230100", "1555***0100"), ("5551230100", "555***0100"), ("+555123010", "+55***3010"),
        ("55512301", "5***2301"), ("5551230", "***"), ("+555123", "***"), ("12345678901234567890", "1234***7890"),
    ])
    func `masked, it can be recognised but not dialled`(text: String, masked: String) throws {
        let number = try #require(PhoneNumber(text))
        #expect(number.masked == masked)
        #expect("\(number)" == masked)
    }

    @Test func `every masked number hides three digits at least`() throws {
        for length in 6...20 {
            let number = try #require(PhoneNumber(String("12345678901234567890".prefix(length))))
            let shown = number.masked.filter { $0 != "*" && $0 != "+" }.count
            #expect(shown <= length - 3)
            #expect(shown <= 8)
        }
    }
}
