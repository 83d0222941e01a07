/// Messages for parsers, written for these tests.
enum SampleMessages {
    static let sdp = """
        v=0
        o=- 4711 1 IN IP4 192.0.2.10
        s=-
        c=IN IP4 192.0.2.10
        t=0 0
        m=audio 14000 RTP/AVP 8 0
        a=rtpmap:8 PCMA/8000
        a=rtpmap:0 PCMU/8000
        a=ptime:20
        a=sendrecv

        """.replacingLineEnds

    static let invite = message(
        """
        INVITE sip:+15551230101@192.0.2.20:5062;transport=udp SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKa1
        Max-Forwards: 70
        From: "Front, Desk" <sip:+15551230102@192.0.2.10>;tag=f1
        To: <sip:+15551230101@192.0.2.20>
        Call-ID: one@192.0.2.10
        CSeq: 1 INVITE
        Contact: <sip:gw@192.0.2.10:5060>
        Content-Type: application/sdp
        Content-Length: \(sdp.utf8.count)
        """, body: sdp)

    static let compact = message(
        """
        INVITE sip:+15551230101@192.0.2.20 SIP/2.0
        v: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKa2
        f: <sip:+15551230102@192.0.2.10>;tag=f2
        t: sip:+15551230101@192.0.2.20
        i: two@192.0.2.10
        CSeq: 2 INVITE
        m: <sip:gw@192.0.2.10>
        k: timer, 100rel
        c: application/sdp
        l: 0
        """)

    /// Odd but lawful: white space everywhere, folding, escapes, quoted separators, several entries a line.
    static let contorted = message(
        """
        INVITE sip:a%20b;c@[2001:db8::1]:5070;lr?Subject=x SIP/2.0
        TO :
         sip:+15551230101@192.0.2.20 ;  tag    = 98asjd8
        from   : "J Rosen \\\\\\"<;,>"       <sip:+15551230102@example.com>
          ;
          tag = 98asjd7
        Via  : SIP  / 2.0
         /UDP
            192.0.2.2;branch=z9hG4bKa3 , SIP/2.0/TCP [2001:db8::9]:5061
          ;branch=z9hG4bKb3;received=192.0.2.207
        cseq:0009
          INVITE
        CALL-ID: three{}"~!*.example
        s:
        Unknown-Header-With-A-Long-Name: newfangled value
         continued newfangled value
        Content-Length: 0
        """)

    static let response = message(
        """
        SIP/2.0 200 All = \u{30d5}\u{30a1}\u{30af}\u{30b9} fine
        Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKa1;received=192.0.2.1;rport=5060
        From: <sip:+15551230102@192.0.2.10>;tag=f1
        To: <sip:+15551230101@192.0.2.20>;tag=t1
        Call-ID: one@192.0.2.10
        CSeq: 1 INVITE
        Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com;lr>
        Contact: "x" <sip:b@192.0.2.20:5062>;expires=60
        Content-Length: 0
        """)

    static let all = [invite, compact, contorted, response]

    static func message(_ head: String, body: String = "") -> [UInt8] {
        Array((head + "\n\n").replacingLineEnds.utf8) + Array(body.utf8)
    }
}

extension String {
    /// CRLF in place of each LF.
    var replacingLineEnds: String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    }
}
