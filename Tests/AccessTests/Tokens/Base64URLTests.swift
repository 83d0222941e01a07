import Testing

@testable import Access

@Suite struct Base64URLTests {
    @Test func bytesComeBack() {
        var random = SeededRandom(seed: 4)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base64URL.decode(Array(base64URL(bytes).utf8)) == bytes)
        }
    }

    @Test(arguments: ["A", "AAAAA", "AA=", "AA==", "AAA=", "AB", "A_", "AAB", "AA AA", "AA\nAA", "A+AA", "A/AA", "AAA.", "é"])
    func otherSpellingsAreRefused(text: String) {
        #expect(Base64URL.decode(Array(text.utf8)) == nil)
    }

    /// Two texts are never the same bytes.
    @Test func spellingIsUnique() {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var seen: Set<[UInt8]> = []
        for first in digits {
            for second in digits {
                guard let bytes = Base64URL.decode([first, second]) else { continue }
                #expect(bytes.count == 1 && seen.insert(bytes).inserted)
            }
        }
        #expect(seen.count == 256)
    }
}
