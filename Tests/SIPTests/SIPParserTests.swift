import SIP
import Testing

@Suite struct SIPParserTests {
    private func request(_ bytes: [UInt8]) throws -> SIPRequest {
        guard case .request(let request) = try SIPParser().parse(bytes) else { throw Unexpected() }
        return request
    }

    @Test func readsARequestWithItsBody() throws {
        let request = try request(SampleMessages.invite)
        #expect(request.method == .invite)
        #expect(request.uri.user == "+15551230101")
        #expect(request.uri.port == 5062)
        #expect(request.uri.parameters["TRANSPORT"] == "udp")
        #expect(request.headers.from?.displayName == "Front, Desk")
        #expect(request.headers.from?.tag == "f1")
        #expect(request.headers.to?.tag == nil)
        #expect(request.headers.cseq == CSeq(number: 1, method: .invite))
        #expect(request.headers.topVia?.parameters["rport"] == "")
        #expect(request.body == Array(SampleMessages.sdp.utf8))
    }

    @Test func expandsCompactForms() throws {
        let headers = try request(SampleMessages.compact).headers
        let names = ["Via", "From", "To", "Call-ID", "CSeq", "Contact", "Supported", "Content-Type"]
        #expect(headers.fields.map(\.name) == names)
        #expect(headers.list("supported") == ["timer", "100rel"])
    }

    @Test func readsContortedButLawfulMessages() throws {
        let request = try request(SampleMessages.contorted)
        #expect(request.uri.decodedUser == "a b;c")
        #expect(request.uri.host == "[2001:db8::1]")
        #expect(request.uri.isLooseRouter)
        #expect(request.uri.headers == "Subject=x")
        #expect(request.headers.to?.tag == "98asjd8")
        #expect(request.headers.from?.displayName == "J Rosen \\\"<;,>")
        #expect(request.headers.cseq?.number == 9)
        #expect(request.headers.list("Via").count == 2)
        #expect(try Via(parsing: request.headers.list("Via")[1]).host == "[2001:db8::9]")
        #expect(request.headers["Unknown-Header-With-A-Long-Name"] == "newfangled value continued newfangled value")
        #expect(request.headers["Subject"] == "")
    }

    @Test func readsAResponse() throws {
        guard case .response(let response) = try SIPParser().parse(SampleMessages.response) else { throw Unexpected() }
        #expect(response.status == 200)
        #expect(response.headers.list("Record-Route").count == 2)
        #expect(response.headers.contact?.uri.port == 5062)
    }

    @Test func acceptsBareLineFeedsAndIgnoresWhatFollowsTheBody() throws {
        let bare = SampleMessages.invite.filter { $0 != 0x0D }
        // Without the CRs the body is shorter than announced.
        #expect(throws: SIPParseFailure.truncated) { try SIPParser().parse(bare) }
        let compact = SampleMessages.compact.filter { $0 != 0x0D } + Array("trailing".utf8)
        #expect(try request(compact).body.isEmpty)
        #expect(try request([0x0D, 0x0A, 0x0D, 0x0A] + SampleMessages.invite).method == .invite)
        #expect(throws: SIPParseFailure.empty) { try SIPParser().parse([0x0D, 0x0A, 0x0D, 0x0A]) }
    }

    @Test(arguments: [
        ("SIP/2.0", "SIP/7.0", SIPParseFailure.unsupportedVersion),
        ("CSeq: 1 INVITE", "CSeq: 1 BYE", .malformed("CSeq")),
        ("CSeq: 1 INVITE", "CSeq: 4294967296 INVITE", .malformed("CSeq")),
        ("CSeq: 1 INVITE", "CSeq: 99999999999999999999 INVITE", .malformed("CSeq")),
        ("CSeq: 1 INVITE", "CSeq: -1 INVITE", .malformed("CSeq")),
        ("Call-ID: one@192.0.2.10\r\n", "", .missing("Call-ID")),
        ("Call-ID: one@192.0.2.10", "Call-ID: a\r\nCall-ID: b", .malformed("Call-ID")),
        ("Via: SIP/2.0/UDP 192.0.2.10:5060", "Via: SIP/2.0/UDP 192.0.2.10:99999", .malformed("Via")),
        ("Via: SIP/2.0/UDP", "Via: HTTP/1.1/UDP", .malformed("Via")),
        ("\"Front, Desk\"", "\"Front, Desk", .malformed("From")),
        ("<sip:+15551230102@192.0.2.10>;tag", "<sip:+15551230102@192.0.2.10;tag", .malformed("From")),
        ("Content-Length: ", "Content-Length: -", .malformed("Content-Length")),
        ("Content-Length: ", "Content-Length: 99", .truncated),
        ("Content-Length: ", "Content-Length: 5\r\nContent-Length: ", .malformed("Content-Length")),
        ("Max-Forwards: 70", "No colon here", .malformed("header")),
        ("INVITE sip:", "INV?TE sip:", .malformed("method")),
        ("INVITE sip:+15551230101@192.0.2.20:5062", "INVITE sip:", .malformed("host")),
        ("INVITE sip:+15551230101@192.0.2.20:5062", "INVITE <sip:a@b>", .malformed("URI")),
    ])
    func rejects(part: String, replacement: String, failure: SIPParseFailure) throws {
        let text = String(decoding: SampleMessages.invite, as: UTF8.self)
        let range = try #require(text.firstRange(of: part))
        // A version is replaced at the end of the start line, where it comes first.
        let bytes = Array(text.replacingCharacters(in: range, with: replacement).utf8)
        #expect(throws: failure) { try SIPParser().parse(bytes) }
    }

    @Test func limitsHoldBeforeMemoryIsTaken() {
        #expect(throws: SIPParseFailure.tooLarge("size")) {
            try SIPParser().parse([UInt8](repeating: 0x41, count: 70_000))
        }
        let many = String(repeating: "X: y\r\n", count: 201)
        #expect(throws: SIPParseFailure.tooLarge("headers")) {
            try SIPParser().parse(Array("OPTIONS sip:a SIP/2.0\r\n\(many)\r\n".utf8))
        }
        let folded = "X: y\r\n" + String(repeating: " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", count: 400)
        #expect(throws: SIPParseFailure.tooLarge("line")) {
            try SIPParser().parse(Array("OPTIONS sip:a SIP/2.0\r\n\(folded)\r\n".utf8))
        }
    }

    @Test func everyTruncationIsAnError() {
        for count in 0..<SampleMessages.invite.count {
            #expect(throws: SIPParseFailure.self) {
                try SIPParser().parse(Array(SampleMessages.invite.prefix(count)))
            }
        }
    }

    @Test(arguments: SampleMessages.all)
    func whatIsWrittenReadsBackTheSame(bytes: [UInt8]) throws {
        let message = try SIPParser().parse(bytes)
        #expect(try SIPParser().parse(message.bytes) == message)
    }

    @Test func dataNeverBecomesSyntax() throws {
        var request = try request(SampleMessages.invite)
        request.headers.add("Subject", "x\r\nVia: SIP/2.0/UDP evil;branch=z\r\n\r\n")
        request.headers.add("Bad Name:\r\n", "y")
        let uri = SIPURI(user: "u\r\n@", host: "h>\r\n")
        request.headers.set("From", NameAddress(displayName: "a\"\r\nb", uri: uri).text)
        let again = try self.request(SIPMessage.request(request).bytes)
        #expect(again.headers.values("Via").count == 1)
        #expect(again.headers["BadName"] == "y")
        #expect(again.headers.from?.displayName == "a\"  b")
        #expect(again.headers.from?.uri.decodedUser == "u\r\n@")
        #expect(again.headers.from?.uri.host == "h")
        #expect(again.body == request.body)
    }

    /// Whatever the bytes, the parser returns; and what it accepts can be written and read again.
    @Test(arguments: 0..<UInt64(8))
    func mutationsNeverTrap(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for round in 0..<2_000 {
            let bytes = random.mutated(SampleMessages.all[round % SampleMessages.all.count])
            guard let message = try? SIPParser().parse(bytes) else { continue }
            accepted += 1
            let again = try SIPParser().parse(message.bytes)
            #expect(again.headers.callID == message.headers.callID)
            #expect(again.headers.from == message.headers.from)
            _ = message.headers.contact
        }
        #expect(accepted > 100)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
