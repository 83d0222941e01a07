extension TortureVector {
    private static let sdp = Array(SampleMessages.sdp.utf8)

    /// The usual header fields with a change.
    private static func request(
        _ line: String, method: String? = nil, via: String = "SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdju43234",
        to: String = "<sip:j.desk@example.com>", from: String = "<sip:caller@example.net>;tag=93334", name: String,
        cseq: String? = nil, extra: String, length: String = "0"
    ) -> String {
        let method = method ?? line.split(separator: " ").first.map(String.init) ?? ""
        return """
            \(line)
            To: \(to)
            From: \(from)
            Max-Forwards: 70
            Call-ID: \(name).0ha0isndaksdjadsfij34n23d
            CSeq: \(cseq ?? "235448 \(method)")
            Via: \(via)
            \(extra)
            Content-Length: \(length)
            """
    }

    private static let contact = "Contact: <sip:caller@host5.example.net>"

    /// RFC 4475 3.1.2: not by the grammar.
    static let invalid = [
        // Nothing in its Via could be matched by whoever sent it, so there is nothing to answer.
        TortureVector(
            "3.1.2.1 badinv01", .dropped,
            request(
                "INVITE sip:desk@example.com SIP/2.0", via: "SIP/2.0/UDP 192.0.2.15;;,;,,", name: "badinv01",
                extra: "Contact: \"Joe\" <sip:joe@example.org>;;;;")),
        // The same separators in Contact alone.
        TortureVector(
            "3.1.2.1 badinv01-contact", .answered(400),
            request(
                "INVITE sip:desk@example.com SIP/2.0", name: "badinv01c",
                extra: "Contact: \"Joe\" <sip:joe@example.org>;;;;")),
        TortureVector(
            "3.1.2.2 clerr", .refused(400),
            request(
                "INVITE sip:desk@example.com SIP/2.0", name: "clerr", extra: contact + "\nContent-Type: application/sdp",
                length: "9999"), body: sdp),
        TortureVector(
            "3.1.2.3 ncl", .refused(400),
            request(
                "INVITE sip:desk@example.com SIP/2.0", name: "ncl", extra: contact + "\nContent-Type: application/sdp",
                length: "-999"), body: sdp),
        TortureVector(
            "3.1.2.4 scalar02", .refused(400),
            """
            REGISTER sip:example.com SIP/2.0
            Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
            To: <sip:user@example.com>
            From: <sip:user@example.com>;tag=239232jh3
            CSeq: 36893488147419103232 REGISTER
            Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
            Max-Forwards: 300
            Expires: 1\(String(repeating: "0", count: 100))
            Contact: <sip:user@host129.example.com>
              ;expires=280297596632815
            Content-Length: 0
            """),
        TortureVector(
            "3.1.2.5 scalarlg", .dropped,
            """
            SIP/2.0 503 Service Unavailable
            Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
            To: <sip:user@example.com>
            From: <sip:other@example.net>;tag=2easdjfejw
            CSeq: 9292394834772304023312 OPTIONS
            Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
            Retry-After: 949302838503028349304023988
            Warning: 1812 overture "In Progress"
            Content-Length: 0
            """),
        TortureVector(
            "3.1.2.6 quotbal", .refused(400),
            request(
                "INVITE sip:desk@example.com SIP/2.0", to: "\"Mr. J. Desk <sip:j.desk@example.com>", name: "quotbal",
                extra: contact)),
        TortureVector(
            "3.1.2.7 ltgtruri", .refused(400), request("INVITE <sip:desk@example.com> SIP/2.0", name: "ltgtruri", extra: contact)),
        TortureVector(
            "3.1.2.8 lwsruri", .refused(400), request("INVITE sip:desk@example.com; lr SIP/2.0", name: "lwsruri", extra: contact)),
        TortureVector(
            "3.1.2.9 lwsstart", .refused(400), request("INVITE  sip:desk@example.com  SIP/2.0", name: "lwsstart", extra: contact)),
        // Leniency that the RFC allows: spaces after the version are cut off.
        TortureVector(
            "3.1.2.10 trws", .answered(200), request("OPTIONS sip:desk@example.com SIP/2.0  ", name: "trws", extra: contact)),
        // Leniency that the RFC allows: header fields hidden in a Request-URI are not looked at.
        TortureVector(
            "3.1.2.11 escruri", .call,
            request(
                "INVITE sip:desk@example.com?Route=%3Csip:example.com%3E SIP/2.0", name: "escruri", extra: contact)),
        // Nothing here reads Date.
        TortureVector(
            "3.1.2.12 baddate", .call,
            request(
                "INVITE sip:desk@example.com SIP/2.0", name: "baddate", extra: contact + "\nDate: Fri, 01 Jan 2010 16:00:00 EST")),
    ]

    /// The rest of RFC 4475 3.1.2.
    static let invalidAddresses = [
        // A registration is not served at all; the same Contact in an INVITE is refused for itself.
        TortureVector(
            "3.1.2.13 regbadct", .answered(405),
            request(
                "REGISTER sip:example.com SIP/2.0", name: "regbadct",
                extra: "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E")),
        TortureVector(
            "3.1.2.13 regbadct-invite", .answered(400),
            request(
                "INVITE sip:example.com SIP/2.0", name: "regbadcti",
                extra: "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E")),
        // Leniency that the RFC allows: spaces inside the brackets are cut off.
        TortureVector(
            "3.1.2.14 badaspec", .answered(200),
            request(
                "OPTIONS sip:desk@example.com SIP/2.0", to: "\"Desk, Front\" < sip:desk@example.org >", name: "badaspec",
                extra: "Contact: <sip:host5.example.net>")),
        // Leniency that the RFC allows: From holds one address, so that its comma cannot separate anything.
        TortureVector(
            "3.1.2.15 baddn", .answered(200),
            request(
                "OPTIONS sip:desk@example.com SIP/2.0", from: "Clerk, Alexander <sip:a.clerk@example.com>;tag=43",
                name: "baddn", extra: "Contact: <sip:host5.example.net>")),
        TortureVector(
            "3.1.2.16 badvers", .refused(505),
            request(
                "OPTIONS sip:desk@example.com SIP/7.0", via: "SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw",
                name: "badvers", extra: "X: y"
            ).replacing("SIP/7.0/UDP", with: "SIP/2.0/UDP")),
        // As in the RFC the version of Via is wrong too: no way back is named that this version defines.
        TortureVector(
            "3.1.2.16 badvers-via", .dropped,
            request(
                "OPTIONS sip:desk@example.com SIP/7.0", via: "SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw",
                name: "badversv", extra: "X: y")),
        TortureVector(
            "3.1.2.17 mismatch01", .refused(400),
            request("OPTIONS sip:desk@example.com SIP/2.0", method: "INVITE", name: "mismatch01", extra: "X: y")),
        TortureVector(
            "3.1.2.18 mismatch02", .refused(400),
            request("NEWMETHOD sip:desk@example.com SIP/2.0", method: "INVITE", name: "mismatch02", extra: contact)),
        TortureVector(
            "3.1.2.19 bigcode", .dropped,
            request("SIP/2.0 4294967301 better not break the receiver", method: "INVITE", name: "bigcode", extra: "X: y")),
    ]
}
