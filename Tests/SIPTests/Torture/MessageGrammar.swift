/// Messages that follow the grammar of RFC 3261 25 nearly everywhere.
struct MessageGrammar {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "" }

    private mutating func space() -> String { pick(["", "", "", " ", "\t", "\r\n ", "  "]) }

    private mutating func token() -> String { pick(["a", "z9hG4bK1", "tag", "%41", "*", "x.y-z", "~`'", "", "\u{0}", "1e9"]) }

    private mutating func quoted() -> String {
        "\"" + pick(["", "a b", "\\\"", "<;,>", "\\", "\u{e9}", "\r"]) + pick(["\"", "\"", "\"", ""])
    }

    private mutating func parameters() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let name = pick(["tag", "branch", "lr", "rport", "received", "transport", "refresher", "index", token()])
            text += space() + ";" + space() + name + pick(["", "=" + token(), " = " + quoted(), "=[::1]", "="])
        }
        return text
    }

    private mutating func host() -> String {
        pick(["h.example.com", "192.0.2.9", "[2001:db8::1]", "[", "", "h:0", "h:65535", "h:99999", "1"])
    }

    private mutating func uri() -> String {
        pick(["sip:", "sips:", "tel:", "SIP:", "urn:", "x", ""]) + pick(["", "+15551230101@", "%00@", "a;b=c@", "@", "a:b@"]) + host()
            + parameters()
            + pick(["", "", "?a=b", "?"])
    }

    private mutating func address() -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: uri()
        case 1: quoted() + space() + "<" + uri() + ">" + parameters()
        case 2: token() + " <" + uri() + pick([">", ""]) + parameters()
        default: "<" + uri() + ">" + parameters()
        }
    }

    /// Mostly readable, so that what follows is reached.
    private mutating func plainAddress(_ tag: String) -> String {
        pick(["<sip:a@192.0.2.10>;tag=\(tag)", "sip:b@192.0.2.20", "\"q\" <tel:+15551230101>;tag=\(tag)", address()])
    }

    private mutating func field() -> String {
        let name = pick([
            "Via", "v", "From", "f", "To", "t", "Contact", "m", "Route", "Record-Route", "Require", "Supported", "k", "Reason", "Accept",
            "Session-Expires", "x", "Min-SE", "Allow", "Retry-After", "Diversion", "Max-Forwards", "Content-Length", "l", token(),
        ])
        let value =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: "SIP/2.0/UDP " + host() + parameters()
            case 1: address() + "," + address()
            case 2: pick(["0", "-1", "4294967296", "99999999999999999999", "1 INVITE"])
            case 3: token() + parameters()
            case 4: "timer, 100rel"
            default: address()
            }
        return name + space() + pick([":", ":", ":", ""]) + space() + value + "\r\n"
    }

    /// One message.
    mutating func message() -> [UInt8] {
        let method = pick(["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "REGISTER", "X"])
        var text = pick([
            "\(method) sip:x@192.0.2.20 SIP/2.0\r\n", "\(method) \(uri()) SIP/2.0\r\n", "SIP/2.0 200 OK\r\n",
            "SIP/2.0 \(pick(["100", "486", "99", "700"])) x\r\n",
        ])
        text += "Via: SIP/2.0/UDP 192.0.2.10:5099;branch=z9hG4bK\(UInt16.random(in: 0...999, using: &random))\r\n"
        text += "From: " + plainAddress("f") + "\r\nTo: " + plainAddress("t") + "\r\n"
        text +=
            "Call-ID: grammar\(UInt8.random(in: 0...9, using: &random))\r\nCSeq: \(pick(["1", "2", "3", "2147483647", "x"])) \(method)\r\n"
        text += "Contact: <sip:gw@192.0.2.10:5099>\r\n"
        for _ in 0..<Int.random(in: 0...6, using: &random) { text += field() }
        return Array((text + pick(["\r\n", "\r\n", "\n", ""]) + pick(["", "", SampleMessages.sdp, "v=0\r\n"])).utf8)
    }
}
