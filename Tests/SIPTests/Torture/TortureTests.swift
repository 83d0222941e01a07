import SIP
import Testing

/// RFC 4475: what the parser makes of each message, and what the agent does with it.
@Suite(.timeLimit(.minutes(10))) struct TortureTests {
    private func request(_ name: String) throws -> SIPRequest {
        guard case .request(let request) = try SIPParser().parse(TortureVector.named(name)) else { throw Unexpected() }
        return request
    }

    private func response(_ name: String) throws -> SIPResponse {
        guard case .response(let response) = try SIPParser().parse(TortureVector.named(name)) else { throw Unexpected() }
        return response
    }

    @Test func everyKindIsThere() {
        #expect(Set(TortureVector.all.map { $0.name.split(separator: " ")[0] }).count == 49)
    }

    @Test(arguments: TortureVector.all)
    func theParserTellsMessagesFromOthers(vector: TortureVector) throws {
        let parsed = try? SIPParser().parse(vector.bytes)
        switch vector.treatment {
        case .answered, .call: #expect(parsed != nil)
        case .refused:
            #expect(parsed == nil)
            #expect(SIPParser().outline(vector.bytes) != nil)
        case .dropped: break
        }
        guard let parsed else { return }
        #expect(try SIPParser().parse(parsed.bytes) == parsed)
    }

    @Test(arguments: TortureVector.all)
    func theAgentDoesWithItWhatItShould(vector: TortureVector) async throws {
        let wire = try BenchTransport()
        let agent = await UserAgent.start(
            configuration: UserAgentConfiguration(bindHost: "192.0.2.20"), transport: wire, clock: ManualClock(),
            random: SeededGenerator(seed: 3))
        wire.put(vector.bytes)
        wire.put(
            """
            OPTIONS sip:x@192.0.2.20 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.10:5099;branch=z9hG4bKproof
            From: <sip:x@192.0.2.10>;tag=f
            To: <sip:x@192.0.2.20>
            Call-ID: proof
            CSeq: 1 OPTIONS
            """)
        var answers: [Int] = []
        while true {
            guard case .response(let response) = try await wire.next({ _ in true }) else { throw Unexpected() }
            if response.headers.callID == "proof" { break }
            answers.append(response.status)
            if response.status > 100 { #expect(response.headers.to == nil || response.headers.to?.tag != nil) }
        }
        switch vector.treatment {
        case .answered(let status), .refused(let status): #expect(answers == [status])
        case .dropped: #expect(answers.isEmpty)
        case .call:
            #expect(answers == [100])
            var waiting = agent.incomingCalls.makeAsyncIterator()
            let call = try #require(await waiting.next())
            _ = try await call.answer(body: [])
            #expect(try await wire.nextResponse().status == 200)
        }
        await agent.shutdown(grace: .zero)
    }

    @Test func whiteSpaceMayStandNearlyEverywhere() throws {
        let request = try request("wsinv")
        #expect(request.uri.parameters["unknownparam"] == "")
        #expect(request.headers.to?.tag == nil)
        #expect(request.headers.from?.displayName == "A Clerk \\\"")
        #expect(request.headers.from?.tag == "98asjd8")
        #expect(request.headers["Max-Forwards"] == "0068")
        #expect(request.headers.cseq == CSeq(number: 9, method: .invite))
        let vias = try request.headers.list("Via").map(Via.init(parsing:))
        #expect(vias.map(\.transport) == ["UDP", "TCP", "UDP"])
        #expect(vias.map(\.host) == ["192.0.2.2", "spindle.example.com", "192.168.255.111"])
        #expect(vias.map(\.branch) == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"])
        #expect(request.headers["NewFangledHeader"] == "newfangled value continued newfangled value")
        #expect(request.headers["UnknownHeaderWithUnusualValue"] == ";;,,;;,;")
        let contact = try #require(request.headers.contact)
        #expect(contact.displayName == "Quoted string \"\"")
        #expect(contact.parameters["newparam"] == "newvalue")
        #expect(contact.parameters["q"] == "0.33")
        #expect(request.body == Array(SampleMessages.sdp.utf8))
    }

    @Test func everyLawfulCharacterIsRead() throws {
        let request = try request("intmeth")
        #expect(request.method.rawValue == "!interesting-Method0123456789_*+`.%indeed'~")
        #expect(request.uri.host == "example.com")
        #expect(request.uri.user?.hasSuffix("(doesn't-it)") == true)
        // Control characters become spaces: none may reach a log or another message.
        #expect(request.headers.to?.displayName == "BEL:  NUL:  DEL: ")
        #expect(request.headers.from?.displayName == "token1~` token2'+_` token3*%!.-")
        #expect(request.headers.from?.parameters["fromParam''~+*_!.-%"] == "\"\u{440}\u{430}\u{431}\"")
        #expect(request.headers.from?.tag == "_token~1'+`*%!-.")
        #expect(request.headers["extensionHeader-!.%*+_`'~"] == "\u{5927}\u{505c}\u{96fb}")
    }

    @Test func escapesAreUndoneOnceAndOnlyWhereTheyAreEscapes() throws {
        let escaped = try request("esc01")
        #expect(escaped.uri.decodedUser == "sips:desk@example.com")
        #expect(escaped.headers.to?.uri.decodedUser == "desk")
        let contact = try #require(escaped.headers.contact?.uri)
        #expect(contact.decodedUser == "caller")
        #expect(contact.isLooseRouter)
        #expect(contact.parameter("name") == "value%41")
        let null = try request("escnull")
        #expect(null.headers.to?.uri.decodedUser == "null-\u{0}-null")
        let contacts = try null.headers.list("Contact").map { try NameAddress(parsing: $0).uri.decodedUser }
        #expect(contacts == ["\u{0}", "\u{0}\u{0}"])
        let unescaped = try request("esc02")
        #expect(unescaped.method.rawValue == "RE%47IST%45R")
        #expect(unescaped.headers.from?.displayName == "%Z%45")
        #expect(unescaped.headers.list("Contact").count == 2)
        #expect(unescaped.headers.topVia?.branch == "z9hG4bK209%fzsnel234")
    }

    @Test func valuesKeepTheirShape() throws {
        #expect(try request("lwsdisp").headers.from?.displayName == "clerk")
        let long = try request("longreq")
        #expect(long.headers.list("Via").count == 34)
        #expect(long.headers.to?.uri.port == 6000)
        #expect(long.headers.from?.tag?.utf8.count == 305)
        #expect(try request("dblreq").body.isEmpty)
        #expect(try request("semiuri").uri.decodedUser == "user;par=u@example.net")
        let transports = try request("transports").headers.list("Via").map { try Via(parsing: $0).transport }
        #expect(transports == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"])
        #expect(try request("mpart01").body == TortureVector.multipart)
        #expect(try response("unreason").reason == "= 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e}")
        #expect(try response("noreason").reason.isEmpty)
        #expect(try response("noreason").status == 100)
        #expect(try response("bcast").headers.list("Via").count == 2)
        #expect(try request("unksm2").headers.to?.uri.scheme == .other("isbn"))
        #expect(try request("cparam01").headers.contact?.parameters["unknownparam"] == "")
        #expect(try request("cparam01").headers.contact?.uri.parameters["unknownparam"] == nil)
        #expect(try request("cparam02").headers.contact?.uri.parameters["unknownparam"] == "")
        #expect(try request("regescrt").headers.contact?.uri.headers == "Route=%3Csip:sip.example.com%3E")
        #expect(try request("inv2543").headers.to?.uri.user == "+15551230122")
    }

    @Test(arguments: [
        ("clerr", SIPParseFailure.truncated), ("ncl", .malformed("Content-Length")), ("scalar02", .malformed("CSeq")),
        ("scalarlg", .malformed("CSeq")), ("quotbal", .malformed("To")), ("ltgtruri", .malformed("URI")),
        ("lwsruri", .malformed("start line")), ("lwsstart", .malformed("start line")), ("badvers", .unsupportedVersion),
        ("mismatch01", .malformed("CSeq")), ("mismatch02", .malformed("CSeq")), ("bigcode", .malformed("status")),
        ("insuf", .missing("From")), ("multi01", .malformed("From")), ("mcl01", .malformed("Content-Length")),
    ])
    func theReasonOfARefusalIsNamed(name: String, failure: SIPParseFailure) {
        #expect(throws: failure) { try SIPParser().parse(TortureVector.named(name)) }
    }

    /// Two requests whose branch is the bare cookie are two transactions (RFC 4475 3.2.1, RFC 3261 17.2.3).
    @Test func theCookieAloneNamesNoTransaction() throws {
        let first = try request("badbranch")
        var second = first
        second.headers.set("Call-ID", "another")
        #expect(TransactionID(of: first) != nil)
        #expect(TransactionID(of: first) != TransactionID(of: second))
        #expect(TransactionID(of: first) == TransactionID(of: try request("badbranch")))
    }
}
