import Testing

@testable import Access

@Suite struct JSONValueTests {
    @Test(
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .number(0)), ("-0", .number(0)), ("12", .number(12)),
            ("-1.5e+2", .number(-150)), ("1E-1", .number(0.1)), ("\"\"", .string("")), ("[]", .array([])), ("{}", .object([:])),
            ("\t\n\r [ 1 , \"a\" ] ", .array([.number(1), .string("a")])), (#"{"a":{"b":null}}"#, .object(["a": .object(["b": .null])])),
            (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")), (#""\u00e9\ud83d\ude00\u0000""#, .string("é😀\0")),
            ("\"é😀\u{7f}\"", .string("é😀\u{7f}")),
        ] as [(String, JSONValue)])
    func valuesAreRead(text: String, value: JSONValue) {
        #expect(JSONValue(json: Array(text.utf8)) == value)
    }

    @Test(
        arguments: [
            "", " ", "nul", "nulll", "True", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1e999", "1 2", "\"",
            "\"\\\"",
            "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "\"\0\"", "'a'", "[", "[1",
            "[1,", "[1,]", "[,]", "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}",
            "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"é\":1,\"e\u{301}\":2}", "/**/1", "\u{feff}1", "[1]x",
            String(repeating: "1", count: 65),
        ])
    func othersAreRefused(text: String) {
        #expect(JSONValue(json: Array(text.utf8)) == nil)
    }

    @Test func invalidUTF8IsRefused() {
        for bytes in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80]] as [[UInt8]] {
            #expect(JSONValue(json: [0x22] + bytes + [0x22]) == nil)
        }
    }

    @Test func depthIsLimited() {
        let nested = { (depth: Int) in Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8) }
        #expect(JSONValue(json: nested(17)) != nil)
        #expect(JSONValue(json: nested(18)) == nil)
        #expect(JSONValue(json: [UInt8](repeating: 0x5b, count: 1_000_000)) == nil)
        #expect(JSONValue(json: Array(String(repeating: "{\"a\":", count: 100_000).utf8)) == nil)
    }

    @Test func noiseDoesNotTrap() {
        var random = SeededRandom(seed: 5)
        let characters = Array("{}[]\",:\\u0129eE+-.truefalsn \n".utf8) + [0x80, 0xff, 0]
        let valid = Array(#"{"a":[1,-2.5e3,"b\u00e9\ud83d\ude00"],"c":{"d":null,"e":true}}"#.utf8)
        for _ in 0..<20_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                bytes[position] = characters.randomElement(using: &random) ?? 0
                if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count / 2 + 1, using: &random)) }
                if bytes.isEmpty { bytes = valid }
            }
            _ = JSONValue(json: bytes)
        }
    }
}
