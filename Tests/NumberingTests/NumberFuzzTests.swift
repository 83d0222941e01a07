import Testing

@testable import Numbering

/// Whatever somebody sends as a number: never a trap, and what comes out is a number.
@Suite struct NumberFuzzTests {
    private static let alphabet = Array(
        "0123456789+-() ./x#;=:,exttel[]~*\u{FF0B}\u{661}\u{200B}\u{202E}\u{0}\n\tABCoOlI\u{1F4E0}e\u{301}".unicodeScalars)
    private static let regions = ["US", "GB", "AR", "BR", "IT", "RU", "JM", "SM", "CI", "AX", "XX", ""]

    @Test func anyText() {
        var random = SeededRandom(seed: 42)
        for _ in 0..<20_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                text.append(Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &random)])
            }
            check(String(text), &random)
        }
    }

    @Test func anyDigits() {
        var random = SeededRandom(seed: 43)
        for _ in 0..<20_000 {
            let digits = (0..<Int.random(in: 1...31, using: &random)).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
            check((Bool.random(using: &random) ? "+" : "") + digits, &random)
        }
    }

    private func check(_ text: String, _ random: inout SeededRandom) {
        let region = Self.regions[Int.random(in: 0..<Self.regions.count, using: &random)]
        guard let number = try? NumberPlan.world.parse(text, defaultRegion: region.isEmpty ? nil : region) else { return }
        let digits = number.text.dropFirst()
        #expect(number.text.first == "+" && digits.utf8.allSatisfy { (0x30...0x39).contains($0) } && (3...20).contains(digits.utf8.count))
        #expect(digits == "\(number.countryCode)\(number.nationalNumber)")
        // What was read is read as the same again, from anywhere. A number that is none may have what looks like a second trunk prefix.
        guard number.isValid else { return }
        #expect((try? NumberPlan.world.parse(number.text, defaultRegion: nil))?.text == number.text, "\(text)")
    }
}
