import SIP
import Testing

@Suite struct SessionDescriptionTests {
    private static let captured = """
        v=0
        o=- 1834921384 3 IN IP4 192.0.2.10
        s=Asterisk
        c=IN IP4 192.0.2.10
        b=AS:384
        t=0 0
        a=group:x
        m=audio 0 RTP/AVP 8
        m=image 14256 udptl t38
        c=IN IP6 2001:db8::5
        a=T38FaxVersion:0
        a=t38faxmaxdatagram: 1400
        a=flag

        """.replacingLineEnds

    @Test func readsAndWritesTheSameText() throws {
        let description = try SessionDescription(parsing: Array(Self.captured.utf8))
        #expect(description.media.map(\.kind) == ["audio", "image"])
        let image = description.media[1]
        #expect(image.port == 14_256)
        #expect(image.transport == "udptl")
        #expect(image.formats == ["t38"])
        #expect(image.attributes.value(named: "T38FAXVERSION") == "0")
        #expect(image.attributes.value(named: "T38FaxMaxDatagram") == "1400")
        #expect(image.attributes.first(named: "Flag")?.value == nil)
        #expect(description.connection(of: image)?.address == "2001:db8::5")
        #expect(description.connection(of: description.media[0])?.address == "192.0.2.10")
        let again = try SessionDescription(parsing: description.bytes)
        #expect(again == description)
        #expect(description.text == Self.captured.replacing("datagram: 1400", with: "datagram:1400"))
    }

    @Test func offersAudioInTheOrderGiven() throws {
        let origin = SessionDescription.Origin(sessionID: 7, version: 1, address: Connection(address: "192.0.2.1"))
        let offer = SessionDescription(origin: origin, media: [.audio(port: 4000, codecs: [.pcma, .pcmu])])
        #expect(offer.text.contains("m=audio 4000 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\n"))
        #expect(try SessionDescription(parsing: offer.bytes).media[0].audioCodecs == [.pcma, .pcmu])
    }

    @Test func anAnswerHasAsManyMediaAsItsOffer() {
        let origin = SessionDescription.Origin(sessionID: 7, version: 1, address: Connection(address: "192.0.2.1"))
        let image = MediaDescription(kind: "image", port: 9, transport: "udptl", formats: ["t38"])
        let offer = SessionDescription(origin: origin, media: [.audio(port: 8, codecs: [.pcmu]), image, image])
        let answer = offer.answeringMedia { offered in
            guard offered.kind == "image" else { return nil }
            var own = offered
            own.port = 77
            return own
        }
        #expect(answer.map(\.port) == [0, 77, 0])
        #expect(answer.map(\.kind) == ["audio", "image", "image"])
    }

    @Test(arguments: [
        "", "v=1\r\no=- 1 1 IN IP4 h", "v=0\r\ns=-", "v=0\r\no=- 1 1 IN IP4", "v=0\r\no=- 1 1 IN IP4 h\r\nm=audio",
        "v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 65536 RTP/AVP 0", "v=0\r\no=- 1 1 IN IP4 h\r\nm=audio -1 RTP/AVP 0",
        "v=0\r\no=- 1 1 IN IP4 h\r\nc=IN IP5 h", "v=0\r\no=- 1 1 IN IP4 h\r\nno line",
    ])
    func malformedDescriptionsAreErrors(text: String) {
        #expect(throws: SIPParseFailure.self) { try SessionDescription(parsing: Array(text.utf8)) }
    }

    @Test func limitsHold() {
        let media = String(repeating: "m=audio 1 RTP/AVP 0\r\n", count: 17)
        #expect(throws: SIPParseFailure.tooLarge("media")) {
            try SessionDescription(parsing: Array("v=0\r\no=- 1 1 IN IP4 h\r\n\(media)".utf8))
        }
    }

    @Test func mutationsNeverTrap() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            guard let description = try? SessionDescription(parsing: random.mutated(Array(Self.captured.utf8))) else {
                continue
            }
            #expect(try SessionDescription(parsing: description.bytes).media.count == description.media.count)
        }
    }
}
