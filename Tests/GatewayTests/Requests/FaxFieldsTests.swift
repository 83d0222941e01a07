import FaxModel
import HTTPTypes
import Testing

@testable import Gateway

/// What the fields of a form may say.
@Suite struct FaxFieldsTests {
    private static let now = Timestamp(milliseconds: 1_795_336_200_000)

    private func fields(_ pairs: [(String, String)]) throws -> FaxFields {
        var fields = FaxFields()
        for (name, value) in pairs {
            try fields.begin(name)
            // However the bytes are cut.
            let bytes = Array(value.utf8)
            try fields.append(bytes.prefix(3), to: name)
            try fields.append(bytes.dropFirst(3), to: name)
        }
        return fields
    }

    private func terms(_ pairs: (String, String)...) throws -> FaxTerms { try fields(pairs).terms(now: Self.now) }

    @Test func nothingSaid() throws {
        #expect(try terms() == FaxTerms())
        // Forms send what nobody filled in.
        #expect(
            try terms(("send_at", ""), ("priority", ""), ("cover_to", ""), ("tags", ""), ("hours", ""), ("max_dials", ""), ("purpose", ""))
                == FaxTerms())
    }

    @Test func everything() throws {
        let terms = try terms(
            ("send_at", "2026-11-23T08:00:00-05:00"), ("not_after", "2026-11-23T18:00:00Z"), ("priority", "urgent"),
            ("purpose", "treatment"), ("hours", "Mon-Fri 08:00-17:00 America/New_York"), ("tags", "ward 3, referral"),
            ("callback_url", "https://example.com/hooks?x=1"), ("max_dials", "50"), ("max_tries", "1"),
            ("expected_station", "+1 (555) 123-0100"), ("cover_to", "Dr. Example"), ("cover_comments", "one\ntwo"))
        #expect(terms.sendAt == Timestamp(iso8601: "2026-11-23T13:00:00Z"))
        #expect(terms.notAfter == Timestamp(iso8601: "2026-11-23T18:00:00Z"))
        #expect(terms.priority == .urgent)
        #expect(terms.purpose == .treatment)
        #expect(terms.hours?.description == "Mon-Fri 08:00-17:00 America/New_York")
        #expect(terms.tags == ["ward 3", "referral"])
        #expect(terms.callbackURL == "https://example.com/hooks?x=1")
        #expect(terms.maximumDials == 50)
        #expect(terms.maximumTries == 1)
        #expect(terms.expectedStation == "15551230100")
        #expect(terms.cover == Cover(to: "Dr. Example", comments: "one\ntwo"))
    }

    @Test func aTimeThatHasPassedIsNow() throws {
        #expect(try terms(("send_at", "2020-01-01")).sendAt == nil)
        #expect(throws: Problem.self) { try terms(("not_after", "2026-11-21")) }
        #expect(throws: Problem.self) { try terms(("send_at", "2026-11-24"), ("not_after", "2026-11-23")) }
    }

    @Test func aCoverIsWantedOrNot() throws {
        #expect(try terms(("cover", "true")).cover == Cover())
        #expect(try terms(("cover", "false"), ("cover_to", "x")).cover == nil)
        #expect(try terms(("cover_subject", "x")).cover == Cover(subject: "x"))
        #expect(try terms(("purpose", "none")).purpose == Purpose.none)
    }

    private static let wrong: [(String, String)] = [
        ("send_at", "tomorrow"), ("send_at", "2028-01-01"), ("send_at", "2026-13-01"), ("not_after", "soon"), ("priority", "high"),
        ("priority", "URGENT"), ("purpose", "fun"), ("hours", "always"), ("hours", "08:00-17:00 Mars/Olympus"), ("max_dials", "0"),
        ("max_dials", "51"), ("max_dials", "-1"), ("max_dials", "1e9"), ("max_dials", "99999999999999999999"), ("max_tries", "21"),
        ("callback_url", "ftp://example.com/"), ("callback_url", "https://user:pass@example.com/"), ("callback_url", "/hooks"),
        ("callback_url", "javascript:alert(1)"), ("callback_url", "https://example.com/#x"), ("callback_url", "https://exa mple.com/"),
        ("callback_url", "https://example.com/\r\nHost: x"), ("tags", String(repeating: "x", count: 65)), ("tags", "a\u{0}b"),
        ("tags", (0..<21).map { "t\($0)" }.joined(separator: ",")), ("cover", "maybe"), ("cover_to", "two\nlines"),
        ("cover_to", String(repeating: "x", count: 201)), ("cover_subject", "a\u{C}b"),
        ("cover_comments", String(repeating: "x", count: 2001)), ("cover_comments", String(repeating: "\n", count: 61)),
        ("expected_station", "abc"), ("expected_station", "123"), ("expected_station", "123456789012345678901"),
        ("expected_station", "\u{661}\u{662}\u{663}\u{664}"),
    ]

    @Test(arguments: wrong) func aValueThatIsNone(name: String, value: String) throws {
        let fields = try fields([(name, value)])
        let problem = try #require(throws: Problem.self) { try fields.terms(now: Self.now) }
        #expect(problem.status == .badRequest)
        if value.count > 6 { #expect(!problem.detail.contains(value)) }
    }

    @Test func recipients() throws {
        #expect(try fields([("to", "5551230100")]).recipients == ["5551230100"])
        #expect(try fields([("to", "+15551230100, +15551230101"), ("to", "x")]).recipients == ["+15551230100", "+15551230101", "x"])
        #expect(try fields([("to", ",")]).recipients == ["", ""])
        #expect(try fields([("to", (0..<100).map { "\($0)" }.joined(separator: ","))]).recipients.count == 100)
        let many = try fields([("to", (0..<101).map { "\($0)" }.joined(separator: ","))])
        #expect(throws: Problem.self) { try many.recipients }
        #expect(throws: Problem.self) { try FaxFields().recipients }
    }

    @Test func theyAreBounded() throws {
        var fields = FaxFields()
        try fields.begin("to")
        #expect(throws: Problem.self) { try fields.append([UInt8](repeating: 0x31, count: 4097)[...], to: "to") }
        fields = FaxFields()
        #expect(throws: Problem.self) {
            for index in 0..<10_000 { try fields.begin("field \(index)") }
        }
        fields = FaxFields()
        try fields.begin("x")
        #expect(throws: Problem.self) { try fields.begin("x") }
        for _ in 0..<3 { try fields.begin("tags") }
    }
}
