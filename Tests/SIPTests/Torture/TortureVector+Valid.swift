extension TortureVector {
    private static let sdp = Array(SampleMessages.sdp.utf8)

    /// RFC 4475 3.1.1: strange and lawful.
    static let valid = [
        TortureVector(
            "3.1.1.1 wsinv", .call,
            """
            INVITE sip:desk@fax.example.com;unknownparam SIP/2.0
            TO :
             sip:desk@fax.example.com ;   tag    = 
            From   : "A Clerk \\\\\\""       <sip:clerk@example.com>
              ;
              tag = 98asjd8
            MaX-fOrWaRdS: 0068
            Call-ID: wsinv.ndaksdj@192.0.2.1
            Content-Length   : \(sdp.count)
            cseq: 0009
              INVITE
            Via  : SIP  /   2.0
             /UDP
                192.0.2.2;branch=390skdjuw
            s :
            NewFangledHeader:   newfangled value
             continued newfangled value
            UnknownHeaderWithUnusualValue: ;;,,;;,;
            Content-Type: application/sdp
            Route:
             <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
            v:  SIP  / 2.0  / TCP     spindle.example.com   ;
              branch  =   z9hG4bK9ikj8  ,
             SIP  /    2.0   / UDP  192.168.255.111   ; branch=
             z9hG4bK30239
            m:"Quoted string \\"\\"" <sip:clerk@example.com> ; newparam =
                  newvalue ;
              secondparam ; q = 0.33
            """, body: sdp),
        TortureVector("3.1.1.2 intmeth", .answered(501), bytes: everyCharacter),
        TortureVector(
            "3.1.1.3 esc01", .call,
            """
            INVITE sip:sips%3Adesk%40example.com@example.net SIP/2.0
            To: sip:%64esk@example.com
            From: <sip:I%20have%20spaces@example.net>;tag=938
            Max-Forwards: 87
            i: esc01.239409asdfakjkn23onasd0-3234
            CSeq: 234234 INVITE
            Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw
            Contact: <sip:c%61ller@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
            C: application/sdp
            l: \(sdp.count)
            """, body: sdp),
        TortureVector(
            "3.1.1.4 escnull", .answered(405),
            """
            REGISTER sip:example.com SIP/2.0
            To: sip:null-%00-null@example.com
            From: sip:null-%00-null@example.com;tag=839923423
            Max-Forwards: 70
            Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd
            CSeq: 14398234 REGISTER
            Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
            Contact: <sip:%00@host5.example.com>
            Contact: <sip:%00%00@host5.example.com>
            L:0
            """),
        // The method is no REGISTER: a percent sign in a token is itself.
        TortureVector(
            "3.1.1.5 esc02", .answered(501),
            """
            RE%47IST%45R sip:registrar.example.com SIP/2.0
            To: "%Z%45" <sip:resource@example.com>
            From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23
            Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf
            Via: SIP/2.0/TCP host.example.com;rport;branch=z9hG4bK209%fzsnel234
            CSeq: 29344 RE%47IST%45R
            Max-Forwards: 70
            Contact: <sip:alias1@host1.example.com>
            C%6Fntact: <sip:alias2@host2.example.com>
            Contact: <sip:alias3@host3.example.com>
            l: 0
            """),
        TortureVector(
            "3.1.1.6 lwsdisp", .answered(200),
            """
            OPTIONS sip:desk@example.com SIP/2.0
            To: sip:desk@example.com
            From: clerk<sip:clerk@example.com>;tag=323
            Max-Forwards: 70
            Call-ID: lwsdisp.1234abcd@fun.example.com
            CSeq: 60 OPTIONS
            Via: SIP/2.0/UDP fun.example.com;branch=z9hG4bKkdjuw
            l: 0
            """),
        TortureVector("3.1.1.7 longreq", .call, longValues, body: sdp),
        // A second message behind the first in one datagram is no message.
        TortureVector(
            "3.1.1.8 dblreq", .answered(405),
            """
            REGISTER sip:example.com SIP/2.0
            To: sip:j.desk@example.com
            From: sip:j.desk@example.com;tag=43251j3j324
            Max-Forwards: 8
            I: dblreq.0ha0isndaksdj99sdfafnl3lk233412
            Contact: sip:j.desk@host.example.com
            CSeq: 8 REGISTER
            Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492
            Content-Length: 0
            """, body: SampleMessages.invite),
        TortureVector(
            "3.1.1.9 semiuri", .answered(200),
            """
            OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0
            To: sip:j_desk@example.com
            From: sip:caller@example.org;tag=33242
            Max-Forwards: 3
            Call-ID: semiuri.0ha0isndaksdj
            CSeq: 8 OPTIONS
            Accept: application/sdp, application/pkcs7-mime,
                    multipart/mixed, multipart/signed,
                    message/sip, message/sipfrag
            Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw
            l: 0
            """),
        TortureVector(
            "3.1.1.10 transports", .answered(200),
            """
            OPTIONS sip:desk@example.com SIP/2.0
            To: sip:desk@example.com
            From: <sip:caller@example.com>;tag=323
            Max-Forwards: 70
            Call-ID:  transports.kijh4akdnaqjkwendsasfdj
            Accept: application/sdp
            CSeq: 60 OPTIONS
            Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
            Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
            Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
            Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
            Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
            l: 0
            """),
        // MESSAGE is known and not served; a multipart body with every octet in it must come through whole.
        TortureVector(
            "3.1.1.11 mpart01", .answered(405),
            """
            MESSAGE sip:desk@example.org SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport
            Max-Forwards: 70
            Route: <sip:127.0.0.1:5080>
            Contact: <sip:fluffy@127.0.0.1:5070>
            To: <sip:desk@example.org>
            From: <sip:fluffy@example.com>;tag=2fb0dcc9
            Call-ID: mpart01.3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..
            CSeq: 1 MESSAGE
            Mime-Version: 1.0
            Content-Transfer-Encoding: binary
            Content-Type: multipart/mixed;boundary=7a9cbec02ceef655
            Content-Length: \(multipart.count)
            """, body: multipart),
        TortureVector(
            "3.1.1.12 unreason", .dropped,
            """
            SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e}
            Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
            Call-ID: unreason.1234ksdfak3j2erwedfsASdf
            CSeq: 35 INVITE
            From: sip:user@example.com;tag=11141343
            To: sip:user@example.edu;tag=2229
            Content-Length: \(sdp.count)
            Content-Type: application/sdp
            Contact: <sip:user@host198.example.com>
            """, body: sdp),
        TortureVector(
            "3.1.1.13 noreason", .dropped,
            """
            SIP/2.0 100 
            Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
            Call-ID: noreason.asndj203insdf99223ndf
            CSeq: 35 INVITE
            From: <sip:user@example.com>;tag=39ansfi3
            To: <sip:user@example.edu>;tag=902jndnke3
            Content-Length: 0
            Contact: <sip:user@host105.example.com>
            """),
    ]

    static let multipart =
        Array("--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655\r\n\r\n".utf8)
        + Array(0...255) + Array("\r\n--7a9cbec02ceef655--".utf8)

    /// Every byte that the grammar allows somewhere, and quoted control characters.
    private static let everyCharacter: [UInt8] = {
        let method = "!interesting-Method0123456789_*+`.%indeed'~"
        let uri = "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com"
        let head = """
            \(method) \(uri) SIP/2.0
            Via: SIP/2.0/UDP host1.example.com;rport;branch=z9hG4bK-.!%66*_+`'~
            To: "BEL:\\\u{7} NUL:\\\u{0} DEL:\\\u{7F}" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>
            From: token1~` token2'+_` token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="\u{440}\u{430}\u{431}";tag=_token~1'+`*%!-.
            Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/"][?}{
            CSeq: 139122385 \(method)
            Max-Forwards: 255
            extensionHeader-!.%*+_`'~:\u{5927}\u{505c}\u{96fb}
            Content-Length: 0
            """
        return SampleMessages.message(head)
    }()

    /// Values longer than any buffer of fixed size that a careless reader would have.
    private static let longValues: String = {
        let name = String(repeating: "amazinglylongcallername", count: 10)
        let extension_ = String(repeating: "unknownheadername", count: 20)
        let vias = (1...33).map { "v: SIP/2.0/TCP sip\($0).example.com;branch=z9hG4bKv\($0)" }.joined(separator: "\n")
        return """
            INVITE sip:desk@example.com SIP/2.0
            To: "I have a \(String(repeating: "very ", count: 60))long display name" <sip:desk@example.com:6000;unknownparam1=\
            \(String(repeating: "verylong", count: 80))value;longparam\(String(repeating: "name", count: 60))=shortvalue;very\
            \(String(repeating: "long", count: 50))ParameterNameWithNoValue>
            F: sip:\(name)@example.net;tag=12\(String(repeating: "982", count: 100))424;unknownheaderparam\
            \(String(repeating: "name", count: 50))=unknowheaderparam\(String(repeating: "value", count: 50));\
            unknownValueless\(String(repeating: "paramname", count: 30))
            Call-ID: longreq.one\(String(repeating: "really", count: 40))longcallid
            CSeq: 3882340 INVITE
            \(extension_): unknown\(String(repeating: "-", count: 20)) value; \(String(repeating: "unknown-", count: 60))
            Via: SIP/2.0/TCP sip33.example.com
            \(vias)
            Max-Forwards: 70
            Contact: <sip:\(name)@host5.example.net>
            Content-Type: application/sdp
            l: \(sdp.count)
            """
    }()
}
