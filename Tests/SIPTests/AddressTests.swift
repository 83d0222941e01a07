import SIP
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        "sip:+15551230101@192.0.2.20:5062;transport=udp;lr", "sips:example.com", "sip:[2001:db8::1]:5060",
        "tel:+1-555-123-0101;phone-context=example.com", "sip:a%20b@h?Subject=x", "urn:service:test",
        "sip:1234;ext=5@example.com",
    ])
    func URIsKeepTheirText(text: String) throws {
        #expect(try SIPURI(parsing: text).text == text)
    }

    @Test(arguments: [
        "", "sip", "sip:", "sip:@h", "sip:u@", "sip:h:0", "sip:h:65536", "sip:h:99999999999999999999", "sip:[::1",
        "sip:a b@h", "tel:", "sip:h x", "sip:u@h>",
    ])
    func malformedURIsAreErrors(text: String) {
        #expect(throws: SIPParseFailure.self) { try SIPURI(parsing: text) }
    }

    @Test func usersAreEscapedAndHostsBracketed() {
        #expect(SIPURI(user: "a b@%", host: "::1", port: 5060).text == "sip:a%20b%40%25@[::1]:5060")
        #expect(SIPURI(user: "a b@%", host: "h").decodedUser == "a b@%")
        #expect(SIPURI(user: "+15551230101", host: "h").text == "sip:+15551230101@h")
    }

    @Test func brokenEscapesStayAsTheyAre() throws {
        #expect(try SIPURI(parsing: "sip:a%4@h").decodedUser == "a%4")
        #expect(try SIPURI(parsing: "sip:a%+1%@h").decodedUser == "a%+1%")
    }

    @Test func parametersWithoutBracketsBelongToTheHeader() throws {
        let bare = try NameAddress(parsing: "sip:u@h;tag=1")
        #expect(bare.tag == "1")
        #expect(bare.uri.text == "sip:u@h")
        let bracketed = try NameAddress(parsing: "Front Desk <sip:u@h;lr>;tag=2;x=\"a;b\"")
        #expect(bracketed.displayName == "Front Desk")
        #expect(bracketed.uri.isLooseRouter)
        #expect(bracketed.parameters["X"] == "\"a;b\"")
        #expect(bracketed.text == "\"Front Desk\" <sip:u@h;lr>;tag=2;x=\"a;b\"")
    }

    @Test(arguments: ["*", "", "<sip:u@h", "\"x <sip:u@h>", "name sip:u@h", "<sip:u@h> junk"])
    func malformedAddressesAreErrors(text: String) {
        #expect(throws: SIPParseFailure.self) { try NameAddress(parsing: text) }
    }

    @Test func aTagCanBeSetAndTaken() throws {
        var address = try NameAddress(parsing: "<sip:u@h>;a=1")
        address.tag = "x"
        #expect(address.text == "<sip:u@h>;a=1;tag=x")
        address.tag = nil
        #expect(address.text == "<sip:u@h>;a=1")
    }

    @Test func transactionsOfRFC2543PeersAreToldApart() throws {
        func id(_ branch: String, callID: String) -> TransactionID? {
            var request = SIPRequest(method: .invite, uri: SIPURI(user: nil, host: "h"))
            request.headers.add("Via", "SIP/2.0/UDP h;branch=\(branch)")
            request.headers.add("From", "<sip:a@h>;tag=1")
            request.headers.add("Call-ID", callID)
            request.headers.add("CSeq", "1 INVITE")
            return TransactionID(of: request)
        }
        #expect(id("1", callID: "a") == id("1", callID: "a"))
        #expect(id("1", callID: "a") != id("1", callID: "b"))
        #expect(id("z9hG4bK1", callID: "a") == id("z9hG4bK1", callID: "b"))
    }
}
