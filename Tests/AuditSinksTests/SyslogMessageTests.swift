import Foundation
import Testing

@testable import AuditSinks

@Suite struct SyslogMessageTests {
    private func message(_ format: AuditFormat = .json, host: String = "fax1") -> SyslogMessage {
        SyslogMessage(formatter: .sample(format), host: host, processID: 77)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func anEventInJSON() throws {
        let record = SampleRecords.leaf(42)
        guard case .leaf(_, let json) = record else { return }
        #expect(
            text(message().encode(record))
                == #"<110>1 2026-11-22T08:30:00.123Z fax1 faxlock 77 content.released [faxlock@32473 seq="42" "#
                + #"origin="fax.example/ledger" outcome="success" actor="key" object="fax/0193"] "# + text(json))
    }

    @Test func aGraveEventInCEF() {
        let record = SampleRecords.leaf(1, action: "break_glass.opened")
        let line = text(message(.cef).encode(record))
        #expect(line.hasPrefix("<106>1 2026-11-22T08:30:00.123Z fax1 faxlock 77 break_glass.opened [faxlock@32473 "))
        #expect(line.contains("] CEF:0|Faxlock|Faxlock|1.0|break_glass.opened|Break glass opened|8|"))
    }

    @Test func aCheckpoint() {
        let line = text(message().encode(SampleRecords.checkpoint(256)))
        #expect(
            line.hasPrefix(
                #"<110>1 2026-11-22T08:30:00.123Z fax1 faxlock 77 ledger.checkpoint [faxlock@32473 size="256" "#
                    + #"origin="fax.example/ledger"] {"checkpoint":"fax.example/ledger\n256\n"#))
    }

    @Test func structuredDataIsEscaped() {
        let record = SampleRecords.leaf(1, object: SampleRecords.json("a\"] [x y=\"\\z\nü"), outcome: SampleRecords.json("]"))
        #expect(text(message().encode(record)).contains(#"outcome="\]" actor="key" object="a\"\] [x y=\"\\z ü"] {"#))
    }

    @Test func theHeaderHasOnlyPrintableASCII() {
        let record = SampleRecords.leaf(1, action: "a b\\nü" + String(repeating: "c", count: 40))
        let line = text(message(host: "bad host\n\u{e9}" + String(repeating: "h", count: 300)).encode(record))
        let words = line.split(separator: " ")
        #expect(words[2] == "badhost" + String(repeating: "h", count: 248))
        #expect(words[5].utf8.count == 32 && words[5].hasPrefix("abcc"))
        #expect(text(message(host: "").encode(record)).contains("Z - faxlock"))
    }

    @Test func framesCountOctets() {
        let record = SampleRecords.leaf(1, details: #"{"a":"ü\n"}"#)
        let frame = message().frame(record)
        let body = message().encode(record)
        #expect(frame == Array("\(body.count) ".utf8) + body)
        // No byte order mark: MSG is JSON.
        #expect(!text(frame).contains("\u{FEFF}"))
    }

    @Test(arguments: [
        ("logs.example.org", "logs.example.org", 6514), ("logs.example.org:601", "logs.example.org", 601),
        ("[2001:db8::1]:10514", "2001:db8::1", 10514),
        ("2001:db8::1", "2001:db8::1", 6514), ("[::1]", "::1", 6514), ("192.0.2.1:6515", "192.0.2.1", 6515),
    ])
    func endpoints(text: String, host: String, port: Int) throws {
        let endpoint = try SyslogEndpoint(text)
        #expect(endpoint == SyslogEndpoint(host: host, port: port))
        #expect(try SyslogEndpoint(endpoint.description) == endpoint)
    }

    @Test(arguments: [
        "", "/dev/log", "host:", "host:0", "host:65536", "host:x", ":6514", "a b", "[::1", "[x]:1", "a:b:c", "http://x", "[::1]1",
    ])
    func noEndpoints(text: String) {
        #expect(throws: AuditSinkError.self) { try SyslogEndpoint(text) }
    }

    @Test func theWindowForgetsTheOldAndTheTooMuch() {
        let start = ContinuousClock.now
        var window = ResendWindow(maximumCount: 3, maximumBytes: 100)
        window.append([[1], [2]], at: start)
        window.append([[3]], at: start + .seconds(59))
        #expect(window.contents == [[1], [2], [3]])
        window.append([[4]], at: start + .seconds(60))
        #expect(window.contents == [[2], [3], [4]])
        window.append([], at: start + .seconds(61))
        #expect(window.contents == [[3], [4]])
        window.append([[UInt8](repeating: 5, count: 99)], at: start + .seconds(62))
        #expect(window.count == 2 && window.byteCount == 100)
        window.append([[UInt8](repeating: 6, count: 101)], at: start + .seconds(62))
        #expect(window.count == 0 && window.byteCount == 0)
        for round in 0..<5000 { window.append([[UInt8(round % 256)]], at: start + .seconds(63)) }
        #expect(window.contents == [4997, 4998, 4999].map { [UInt8($0 % 256)] })
    }
}
