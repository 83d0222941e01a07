import FaxModel
import Testing

@testable import Ledger

@Suite struct LeafScanTests {
    @Test func leafIsReadAsItWasWritten() throws {
        let details: [String: LedgerValue] = [
            "b": .text("\u{0}\u{1F}\u{7F}\"\\\n/é€𝄞"), "a": .integer(.min), "c": false, "d": true, "e": .integer(.max), "f": "", "g": 0,
        ]
        let event = LedgerEvent(.faxAccepted, object: "fax/\"1", by: Initiator(.person, id: "\n"), details: details)
        let leaf = Leaf.encode(event, sequence: .max, at: SampleLedger.time(3))
        let scan = try LeafScan(leaf.span)
        #expect(scan.sequence == .max)
        #expect(LeafScan.text(scan.action, in: leaf.span) == "fax.accepted")
        #expect(LeafScan.text(scan.object, in: leaf.span) == "fax/\"1")
        #expect(try scan.details(in: leaf.span) == details)
        var clock = LeafClock()
        #expect(clock.milliseconds(scan.time, in: leaf.span) == SampleLedger.time(3).milliseconds)
        #expect(clock.milliseconds(scan.time, in: leaf.span) == SampleLedger.time(3).milliseconds)
    }

    static let good =
        #"{"v":1,"seq":5,"ts":"2026-11-22T08:30:00.000Z","actor":{"type":"system","id":"","client":"","address":null},"action":"a.b","#
        + #""object":"o","reason":null,"outcome":"success","request_id":null,"details":{"a":1,"b":"x"}}"#

    @Test(arguments: [
        (#""v":1"#, #""v":2"#), (#""v":1"#, #""v":01"#), (#""seq":5"#, #""seq":05"#), (#""seq":5"#, #""seq":5.0"#),
        (#""seq":5"#, #""seq":9223372036854775808"#), (#""seq":5"#, #""seq":-"#), (#"{"v""#, #" {"v""#), (#"}}"#, "}} "), (#"}}"#, "}"),
        (#""a":1,"b""#, #""b":1,"a""#), (#""a":1,"b""#, #""a":1,"a""#), (#""b":"x""#, #""b":null"#), (#""b":"x""#, #""b":"x","#),
        (#""b":"x""#, #""b":{}"#), (#""object":"o""#, #""object":"\o""#), (#""object":"o""#, #""object":"\u0041""#),
        (#""object":"o""#, #""object":"\u000a""#), (#""object":"o""#, "\"object\":\"\t\""), (#""action":"a.b""#, #""action":"\u0001""#),
        (#""action":"a.b""#, #""action":"""#), (#""reason":null"#, #""reason":nul"#), (#""reason":null,"#, ""),
        (#""outcome":"success""#, #""outcome":null"#),
    ])
    func othersAreRefused(from: String, to: String) throws {
        let leaf = Array(Self.good.utf8)
        _ = try LeafScan(leaf.span)
        let start = try #require(leaf.indices.first { leaf[$0...].starts(with: from.utf8) })
        let changed = Array(leaf[..<start]) + Array(to.utf8) + Array(leaf[(start + from.utf8.count)...])
        #expect(throws: LeafDefect.self) { try LeafScan(changed.span) }
    }

    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xFF],
    ])
    func otherThanUTF8IsRefused(bytes: [UInt8]) throws {
        let leaf = Array(Self.good.utf8)
        let start = try #require(leaf.indices.first { leaf[$0...].starts(with: Array(#""o""#.utf8)) })
        let changed = Array(leaf[...start]) + bytes + Array(leaf[(start + 2)...])
        #expect(throws: LeafDefect.self) { try LeafScan(changed.span) }
    }

    @Test func eachPrefixIsRefusedAndNoDamageTraps() {
        let leaf = Array(Self.good.utf8)
        for count in leaf.indices {
            let prefix = Array(leaf[..<count])
            #expect(throws: LeafDefect.self) { try LeafScan(prefix.span) }
        }
        var random = SeededRandom(seed: 4)
        for _ in 0..<5000 {
            var damaged = leaf
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let scan = try? LeafScan(damaged.span) {
                var clock = LeafClock()
                _ = clock.milliseconds(scan.time, in: damaged.span)
                #expect((try? scan.details(in: damaged.span)) != nil)
            }
        }
    }

    @Test(arguments: [
        "2026-13-22T08:30:00.000Z", "2026-02-30T08:30:00.000Z", "2026-11-22T24:30:00.000Z", "2026-11-22T08:60:00.000Z",
        "2026-11-22T08:30:60.000Z", "2026-11-22T08:30:00.00Z", "2026-11-22 08:30:00.000Z", "2026-11-22T08:30:00,000Z",
        "+026-11-22T08:30:00.000Z",
        "2026-11-2\"T08:30:00.000Z", "",
    ])
    func otherTimesAreRefused(text: String) {
        var clock = LeafClock()
        let bytes = Array(text.utf8)
        #expect(clock.milliseconds(0..<bytes.count, in: bytes.span) == nil)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func base64IsThatOfRFC4648(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "Z===", "====", "=Zg=", "Zm9v ", "Zm-_", "Zg==Zg=="])
    func otherBase64IsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
