import FaxModel
import Foundation
import Logging
import Observability
import Synchronization
import Testing

@Suite struct JSONLogHandlerTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        func logger(metadata: Logger.Metadata = [:], provider: Logger.MetadataProvider? = nil) -> Logger {
            var handler = JSONLogHandler(label: "faxlock", clock: { Timestamp(milliseconds: 1_795_336_200_123) }) { line in
                self.lines.withLock { $0.append(line) }
            }
            handler.metadata = metadata
            handler.metadataProvider = provider
            return Logger(label: "faxlock") { _ in handler }
        }

        var all: [String] { lines.withLock { $0 } }
    }

    private func object(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func oneObjectALine() throws {
        let lines = Lines()
        var logger = lines.logger(metadata: ["hb.request.id": "r1", "fax": "f0"])
        logger[metadataKey: "call"] = "c@example"
        logger.warning("a fax is held up", metadata: ["fax": "f1", "error": "disk", "pages": "\(3)"])
        #expect(
            lines.all == [
                #"{"ts":"2026-11-22T08:30:00.123Z","level":"warning","label":"faxlock","message":"a fax is held up","fax":"f1","#
                    + #""call":"c@example","metadata":{"error":"disk","hb.request.id":"r1","pages":"3"}}"# + "\n"
            ])
    }

    @Test func theLinesOfACallHaveItByOneName() throws {
        let lines = Lines()
        lines.logger().info("SIP call out", metadata: ["call-id": "c1"])
        lines.logger().info("dialling", metadata: ["call": "c1", "call-id": "c2"])
        #expect(try object(lines.all[0])["call"] as? String == "c1")
        #expect(try object(lines.all[0])["metadata"] == nil)
        #expect(try object(lines.all[1])["call"] as? String == "c1")
    }

    @Test func aMessageWithoutMetadataHasNone() throws {
        let lines = Lines()
        lines.logger().error("x")
        #expect(Set(try object(lines.all[0]).keys) == ["ts", "level", "label", "message"])
    }

    @Test func hostileTextStaysOneLineAndReadsBackAsItWas() throws {
        let texts = [
            "a\nb\r\nc", "\"quoted\" \\ back", "tab\t nul\u{0} bell\u{7} del\u{7F} nel\u{85}", "lines\u{2028}and\u{2029}", "é 漢 🖨️",
            "{\"level\":\"info\"}", "",
        ]
        for text in texts {
            let lines = Lines()
            lines.logger().info("\(text)", metadata: ["fax": "\(text)", "\(text)x": ["k": "\(text)", "l": ["\(text)"]]])
            let line = try #require(lines.all.first)
            #expect(line.unicodeScalars.filter { $0.properties.generalCategory == .control }.count == 1)
            #expect(line.last == "\n" && !line.contains("\u{2028}"))
            let read = try object(line)
            #expect(read["message"] as? String == text)
            #expect(read["fax"] as? String == text)
            let nested = try #require((read["metadata"] as? [String: Any])?["\(text)x"] as? [String: Any])
            #expect(nested["k"] as? String == text)
            #expect(nested["l"] as? [String] == [text])
        }
    }

    @Test func depthHasAnEnd() throws {
        var value = Logger.MetadataValue.string("x")
        for _ in 0..<1000 { value = .array([value]) }
        let lines = Lines()
        lines.logger().info("deep", metadata: ["v": value])
        // The line can be read, by readers that go no deeper than they must.
        var nested = (try object(lines.all[0])["metadata"] as? [String: Any])?["v"]
        var depth = 0
        while let values = nested as? [Any] {
            #expect(values.count == 1)
            nested = values.first
            depth += 1
        }
        #expect(depth == 7)
        // What lies deeper is there as text.
        let rest = try #require(nested as? String)
        #expect(rest.hasPrefix("[") && rest.contains("x"))
    }

    @Test func whatIsNearerGoesFirst() throws {
        let lines = Lines()
        let logger = lines.logger(
            metadata: ["a": "handler", "b": "handler", "c": "handler"],
            provider: Logger.MetadataProvider { ["b": "provider", "c": "provider"] })
        logger.info("m", metadata: ["c": "message"])
        let metadata = try object(lines.all[0])["metadata"] as? [String: String]
        #expect(metadata == ["a": "handler", "b": "provider", "c": "message"])
    }

    @Test func theLevelHolds() {
        let lines = Lines()
        var logger = lines.logger()
        logger.logLevel = .error
        logger.info("not this")
        logger.critical("this")
        #expect(lines.all.count == 1)
    }
}
