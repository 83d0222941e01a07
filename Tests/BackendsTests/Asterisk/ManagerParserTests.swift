import Backends
import Testing

@Suite struct ManagerParserTests {
    private static let banner = Array("Asterisk Call Manager/9.0.0\r\n".utf8)

    private func parse(_ text: String, piece: Int = .max) -> [ManagerMessage] {
        var parser = ManagerParser()
        var messages = parser.append(Self.banner)
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, piece == .max ? bytes.count : start + piece)
            messages += parser.append(bytes[start..<end])
            start = end
        }
        return messages
    }

    @Test(arguments: [1, 2, 3, 7, 64, Int.max])
    func messagesHoweverTheyAreCut(piece: Int) {
        let text = "Response: Success\r\nActionID: a-1\r\nMessage: x\r\n\r\nEvent: Hangup\r\nUniqueid: 17.2\r\nCause-txt: a: b\r\n\r\n"
        let messages = parse(text, piece: piece)
        #expect(messages.count == 2)
        #expect(messages[0].isSuccess && messages[0].actionID == "a-1")
        #expect(messages[1].event == "Hangup" && messages[1]["cause-TXT"] == "a: b")
    }

    @Test func theFirstOfRepeatedFieldsCounts() {
        let messages = parse("Event: UserEvent\nStatus: FAILED\nStatus: SUCCESS\n\n")
        #expect(messages.count == 1 && messages[0]["Status"] == "FAILED")
        #expect(messages[0].fields.count == 3)
    }

    /// An OriginateResponse has a field Response, and is an event all the same.
    @Test func anEventIsNoResponse() {
        let messages = parse("Event: OriginateResponse\r\nResponse: Success\r\nActionID: 1\r\n\r\n")
        #expect(!messages[0].isSuccess)
    }

    @Test func whatIsNoFieldIsSkipped() {
        let messages = parse("\r\n\r\nno field\r\n: nothing\r\nEvent: A\r\nEmpty:\r\n--END COMMAND--\r\n\r\n\r\n")
        #expect(messages == [ManagerMessage([.init("Event", "A"), .init("Empty", "")])])
    }

    @Test func longLinesAndMessagesAreBounded() {
        let long = String(repeating: "x", count: 3 * ManagerParser.maximumLine)
        let messages = parse("Event: A\r\nLong: \(long)\r\nAfter: 1\r\n\r\n")
        #expect(messages == [ManagerMessage([.init("Event", "A"), .init("After", "1")])])
        let many = parse("Event: B\r\n" + String(repeating: "F: 1\r\n", count: 10_000) + "\r\nEvent: C\r\n\r\n")
        #expect(many.count == 2)
        #expect(many[0].fields.count == ManagerParser.maximumFields && many[1].event == "C")
        let wide = parse("Event: D\r\n" + String(repeating: "G: \(String(repeating: "y", count: 8000))\r\n", count: 200) + "\r\n")
        #expect(wide[0].fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } <= ManagerParser.maximumMessage)
    }

    @Test func anyBytesAreSurvived() {
        var parser = ManagerParser()
        var state: UInt64 = 7
        for _ in 0..<200 {
            let bytes = (0..<500).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let byte = UInt8(truncatingIfNeeded: state >> 33)
                return byte % 9 == 0 ? UInt8(ascii: "\n") : byte % 7 == 0 ? UInt8(ascii: ":") : byte
            }
            for message in parser.append(bytes) { #expect(message.fields.count <= ManagerParser.maximumFields) }
        }
        #expect(parser.banner.map { $0.utf8.count <= 3 * 128 } == true)
    }
}

@Suite struct ManagerActionTests {
    @Test func asItGoesOverTheWire() throws {
        var action = ManagerAction("Originate")
        try action.add("Channel", "PJSIP/+15551230100@trunk")
        try action.add(variable: "FAXLOCK_ECM", "yes")
        #expect(
            String(decoding: action.encoded(id: "a-1"), as: UTF8.self)
                == "Action: Originate\r\nChannel: PJSIP/+15551230100@trunk\r\nVariable: FAXLOCK_ECM=yes\r\nActionID: a-1\r\n\r\n")
    }

    @Test(arguments: ["a\r\nAction: Command", "a\nb", "a\rb", "a\u{0}b", "\u{7F}", "a\u{1B}[0m", String(repeating: "x", count: 2000)])
    func noValueEndsItsLine(value: String) {
        var action = ManagerAction("Login")
        let before = action
        #expect(throws: ManagerAction.Unsendable.self) { try action.add("Username", value) }
        #expect(throws: ManagerAction.Unsendable.self) { try action.add(variable: "X", value) }
        #expect(action == before)
    }

    @Test(arguments: ["a,B=c", "a\"b", "a\\b", "${SHELL(id)}", "a;b", "a|b", "a&b", "é"])
    func noVariableIsCutOrExpanded(value: String) {
        var action = ManagerAction("Originate")
        #expect(throws: ManagerAction.Unsendable.self) { try action.add(variable: "FAXLOCK_STATION", value) }
    }

    @Test func anErrorDoesNotRepeatTheValue() {
        var action = ManagerAction("Login")
        do {
            try action.add("Secret", "hidden\n")
            Issue.record("it was taken")
        } catch {
            #expect(!"\(error)".contains("hidden") && "\(error)".contains("Secret"))
        }
    }
}
