extension TortureVector {
    private static let sdp = Array(SampleMessages.sdp.utf8)

    private static func request(
        _ line: String, to: String = "sip:desk@example.com", from: String = "sip:caller@example.net;tag=242etr", name: String,
        via: String = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKsem", extra: String
    ) -> String {
        let method = line.split(separator: " ").first.map(String.init) ?? ""
        return """
            \(line)
            To: \(to)
            From: \(from)
            Max-Forwards: 6
            Call-ID: \(name).0sdfe8hjfs
            CSeq: 8 \(method)
            Via: \(via);x=\(name)
            \(extra)
            """
    }

    /// RFC 4475 3.2 to 3.4: by the grammar, and wrong or old above it.
    static let semantic = [
        // The branch is the cookie and nothing else: the transaction is matched by the rules of RFC 2543.
        TortureVector(
            "3.2.1 badbranch", .answered(200),
            request(
                "OPTIONS sip:desk@example.com SIP/2.0", name: "badbranch", via: "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK",
                extra: "l: 0")),
        TortureVector(
            "3.3.1 insuf", .refused(400),
            """
            INVITE sip:desk@example.com SIP/2.0
            CSeq: 193942 INVITE
            Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
            Content-Type: application/sdp
            l: 0
            """),
        TortureVector(
            "3.3.2 unkscm", .answered(416),
            request("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", name: "unkscm", extra: "l: 0")),
        TortureVector(
            "3.3.3 novelsc", .answered(416),
            request("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", name: "novelsc", extra: "l: 0")),
        // Nobody is registered here; what matters is that the URIs are carried as they are.
        TortureVector(
            "3.3.4 unksm2", .answered(405),
            request(
                "REGISTER sip:example.com SIP/2.0", to: "isbn:2983792873", from: "<http://www.example.com>;tag=3234233",
                name: "unksm2", extra: "Contact: <name:John_Desk>\nl: 0")),
        TortureVector(
            "3.3.5 bext01", .answered(420),
            request(
                "OPTIONS sip:desk@example.com SIP/2.0", name: "bext01",
                extra: """
                    Require: nothingSupportsThis, nothingSupportsThisEither
                    Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis
                    Content-Length: 0
                    """)),
        TortureVector(
            "3.3.6 invut", .answered(415),
            request(
                "INVITE sip:desk@example.com SIP/2.0", name: "invut",
                extra: "Contact: <sip:caller@host5.example.net>\nContent-Type: application/unknownformat\nContent-Length: 9"),
            body: Array("<audio>\r\n".utf8)),
        TortureVector(
            "3.3.7 regaut01", .answered(405),
            request(
                "REGISTER sip:example.com SIP/2.0", name: "regaut01",
                extra: "Authorization: NoOneKnowsThisScheme opaque-data=here\nContent-Length:0")),
        TortureVector(
            "3.3.8 multi01", .refused(400),
            """
            INVITE sip:desk@company.example.com SIP/2.0
            Contact: <sip:caller@host25.example.com>
            Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw
            Max-Forwards: 70
            CSeq: 5 INVITE
            Call-ID: multi01.98asdh@192.0.2.1
            CSeq: 59 INVITE
            Call-ID: multi01.98asdh@192.0.2.2
            From: sip:caller@example.com;tag=3413415
            To: sip:desk@example.com
            To: sip:other@example.net
            From: sip:caller@example.net;tag=2923420123
            Content-Type: application/sdp
            l: 0
            Max-Forwards: 5
            """),
        TortureVector(
            "3.3.9 mcl01", .refused(400),
            request(
                "OPTIONS sip:desk@example.com SIP/2.0", name: "mcl01",
                extra: "Content-Length: 13\nContent-Length: 5\nContent-Type: text/plain"),
            body: Array("There's no way to know how many octets are supposed to be here.".utf8)),
        // More than one Via: it was never meant for an agent (RFC 3261 8.1.3.3).
        TortureVector(
            "3.3.10 bcast", .dropped,
            """
            SIP/2.0 200 OK
            Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
            Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
            Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf
            CSeq: 35 INVITE
            From: sip:user@example.com;tag=11141343
            To: sip:user@example.edu;tag=2229
            Content-Length: \(sdp.count)
            Content-Type: application/sdp
            Contact: <sip:user@host28.example.com>
            """, body: sdp),
        // Zero hops left, and the message has arrived.
        TortureVector(
            "3.3.11 zeromf", .answered(200),
            request("OPTIONS sip:desk@example.com SIP/2.0", name: "zeromf", extra: "l: 0")
                .replacing("Max-Forwards: 6", with: "Max-Forwards: 0")),
        TortureVector(
            "3.3.12 cparam01", .answered(405),
            request(
                "REGISTER sip:example.com SIP/2.0", name: "cparam01",
                extra: "Contact: sip:+15551230122@gw1.example.net;unknownparam\nl: 0")),
        TortureVector(
            "3.3.13 cparam02", .answered(405),
            request(
                "REGISTER sip:example.com SIP/2.0", name: "cparam02",
                extra: "Contact: <sip:+15551230122@gw1.example.net;unknownparam>\nl: 0")),
        TortureVector(
            "3.3.14 regescrt", .answered(405),
            request(
                "REGISTER sip:example.com SIP/2.0", name: "regescrt",
                extra: "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\nL:0")),
        TortureVector(
            "3.3.15 sdp01", .answered(406),
            request(
                "INVITE sip:desk@example.com SIP/2.0", name: "sdp01",
                extra: """
                    Contact: <sip:caller@host5.example.net>
                    Accept: text/nobodyKnowsThis
                    Content-Type: application/sdp
                    Content-Length: \(sdp.count)
                    """), body: sdp),
        // No branch, no tag in From: RFC 2543. Contact stands here because without it nothing could be sent in the call.
        TortureVector(
            "3.4.1 inv2543", .call,
            """
            INVITE sip:desk@example.com SIP/2.0
            Via: SIP/2.0/UDP iftgw.example.com
            From: <sip:+15551230111@ift.client.example.net;user=phone>
            Record-Route: <sip:desk@example.com;maddr=ss1.example.com>
            To: sip:+15551230122@ss1.example.net;user=phone
            Call-ID: inv2543.1717@ift.client.example.com
            CSeq: 56 INVITE
            Contact: <sip:+15551230111@ift.client.example.net>
            Content-Type: application/sdp
            Content-Length: \(sdp.count)
            """, body: sdp),
    ]
}
