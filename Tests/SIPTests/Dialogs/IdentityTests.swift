import SIP
import Testing

/// Who calls and who was called.
@Suite(.timeLimit(.minutes(10))) struct IdentityTests {
    private func incoming(_ fields: [(String, String)], uri: String = "sip:fax01@192.0.2.20") async throws -> IncomingCall {
        let peer = try await BenchPeer()
        var request = peer.request(.invite, fields, body: BenchPeer.offer)
        request.uri = try SIPURI(parsing: uri)
        peer.send(request)
        var waiting = peer.agent.incomingCalls.makeAsyncIterator()
        let call = try #require(await waiting.next())
        await peer.close()
        return call
    }

    @Test(arguments: [
        ("tel:+1-555-123-0101", "+15551230101"), ("tel:5551230101;phone-context=+1", "+15551230101"),
        ("tel:0101;phone-context=example.com", "0101"), ("sip:+15551230101@192.0.2.1;user=phone", "+15551230101"),
        ("sip:+15551230101;npdi;rn=+15551239999@192.0.2.1", "+15551230101"), ("sip:%2B1(555)123.0101@192.0.2.1", "+15551230101"),
        ("sip:5551230101;phone-context=+1@192.0.2.1;user=phone", "+15551230101"), ("sips:911@192.0.2.1", "911"),
        ("sip:anonymous@anonymous.invalid", nil), ("sip:192.0.2.1", nil), ("sip:+@192.0.2.1", nil), ("sip:1+5@192.0.2.1", nil),
        ("sip:fax01@192.0.2.1", nil), ("tel:*86", nil), ("urn:service:sos", nil),
        ("sip:123456789012345678901234567890123@192.0.2.1", nil), ("tel:1;phone-context=+1;phone-context=+9", "+11"),
        ("tel:1;phone-context=+", "1"), ("tel:1;phone-context=+a", "1"),
    ])
    func numbersAreReadFromURIs(text: String, number: String?) throws {
        #expect(try SIPURI(parsing: text).telephoneNumber == number)
    }

    @Test func theDialledNumberIsFoundWhereverItStands() async throws {
        let call = try await incoming([
            ("P-Called-Party-ID", "\"x\" <sip:+15551230110@192.0.2.10;user=phone>"),
            ("Diversion", "<tel:+15551230112>;reason=unconditional, <sip:+15551230113@192.0.2.1>;reason=no-answer;counter=1"),
            ("History-Info", "<sip:+15551230115@192.0.2.1>;index=1.1, <sip:+15551230114@192.0.2.1?Reason=SIP%3Bcause%3D302>;index=1"),
        ])
        #expect(call.calledNumbers.map(\.number) == ["+15551230110", "+15551230101", "+15551230114", "+15551230113"])
        #expect(call.calledNumbers.map(\.source) == [.calledParty, .to, .history, .diversion])
        // The Request-URI counts when it is a number, and each number once.
        let plain = try await incoming([("P-Called-Party-ID", "<tel:+15551230101>")], uri: "sip:+15551230101@192.0.2.20")
        #expect(plain.calledNumbers.map(\.number) == ["+15551230101"])
        #expect(plain.calledNumbers.map(\.source) == [.calledParty])
    }

    @Test func theCallerIsWhomTheTrunkAsserts() async throws {
        #expect(try await incoming([]).callerNumber == "+15551230102")
        let preferred = ("P-Preferred-Identity", "<sip:+15551230103@192.0.2.1>")
        let party = ("Remote-Party-ID", "<sip:+15551230104@192.0.2.1>;party=calling;privacy=full;screen=yes")
        let called = ("Remote-Party-ID", "<sip:+15551230101@192.0.2.1>;party=called")
        let asserted = ("P-Asserted-Identity", "<sip:gateway@192.0.2.1>, <tel:+15551230105>")
        #expect(try await incoming([preferred]).callerNumber == "+15551230103")
        #expect(try await incoming([preferred, called, party]).callerNumber == "+15551230104")
        #expect(try await incoming([preferred, party]).isCallerWithheld)
        #expect(try await incoming([preferred, party, asserted]).callerNumber == "+15551230105")
        #expect(try await incoming([asserted, ("Privacy", "critical;id")]).isCallerWithheld)
        #expect(try await !incoming([asserted, ("Privacy", "none")]).isCallerWithheld)
    }

    @Test func brokenFieldsSpoilNothing() async throws {
        let call = try await incoming([
            ("P-Asserted-Identity", "\"unterminated <sip:1@2>"), ("Diversion", "<<<>>>, ;;, <sip:+15551230113@192.0.2.1>"),
            ("History-Info", "nothing"), ("P-Called-Party-ID", "<sip:@>"), ("Privacy", ";;,"),
        ])
        #expect(call.callerNumber == "+15551230102")
        #expect(call.calledNumbers.map(\.number) == ["+15551230101", "+15551230113"])
        #expect(!call.isCallerWithheld)
    }

    @Test func identitiesAreSent() async throws {
        let identity = NameAddress(displayName: "A \"Clinic\"\r\nX: y", uri: SIPURI(user: "+15551230101", host: "192.0.2.20"))
        #expect(SIPHeaders.Field.preferredIdentity(identity).value == "\"A \\\"Clinic\\\"  X: y\" <sip:+15551230101@192.0.2.20>")
        #expect(SIPHeaders.Field.assertedIdentity(identity).name == "P-Asserted-Identity")
    }
}
