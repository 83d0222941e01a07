import FaxModel
import FoundationEssentials
import Testing

@Suite struct FaxIDTests {
    @Test func `ids sort by age, whatever their random part`() {
        var random = SeededRandom(seed: 4)
        var last = ""
        for step in 0..<500 {
            let id = FaxID(now: Timestamp(milliseconds: 1_790_000_000_000 + Int64(step) * 7), using: &random).text
            #expect(last < id)
            last = id
        }
    }

    @Test func `an id begins with its milliseconds and is read back`() throws {
        var random = SeededRandom(seed: 5)
        let id = FaxID(now: Timestamp(milliseconds: 0x0123_4567_89AB), using: &random)
        #expect(id.text.hasPrefix("0123456789ab"))
        #expect(id.text.utf8.count == 32)
        #expect(FaxID(id.text) == id)
        #expect(FaxID(id.text.dropFirst(0)) == id)
        #expect(id.description == id.text)
    }

    @Test func `ids of one millisecond differ`() {
        var random = SeededRandom(seed: 6)
        let ids = (0..<1000).map { _ in FaxID(now: Timestamp(milliseconds: 9), using: &random) }
        #expect(Set(ids).count == 1000)
    }

    @Test(arguments: [
        "", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0", "0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcde\n", "../456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcd\u{660}", "0123456789abcdef 123456789abcdef", "+123456789abcdef0123456789abcdef",
    ])
    func `everything but 32 lower-case hex digits is refused`(text: String) {
        #expect(FaxID(text) == nil)
    }

    @Test func `in JSON it is a string, and a bad one is an error`() throws {
        let id = try #require(FaxID("0123456789abcdef0123456789abcdef"))
        #expect(String(decoding: try JSONEncoder().encode([id]), as: UTF8.self) == "[\"\(id)\"]")
        #expect(try JSONDecoder().decode([FaxID].self, from: Data("[\"\(id)\"]".utf8)) == [id])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([FaxID].self, from: Data("[\"\(id)0\"]".utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([FaxID].self, from: Data("[7]".utf8)) }
    }
}
