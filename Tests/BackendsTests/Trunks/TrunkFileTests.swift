import Access
import FaxModel
import Foundation
import SIP
import Testing

@testable import Backends

@Suite struct TrunkFileTests {
    private func trunks(_ text: String) throws -> [Trunk] {
        try TrunkFile.parse(Data(text.utf8), path: "trunks.json")
    }

    private func problem(_ text: String) -> String {
        do {
            _ = try trunks(text)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `a short entry has safe defaults`() throws {
        let trunk = try #require(try trunks(#"{"trunks":[{"name":"carrier","server":"sip:127.0.0.1:5061;transport=tcp"}]}"#).first)
        #expect(trunk.name == "carrier")
        #expect(trunk.server == SIPDestination(host: "127.0.0.1", port: 5061, transport: .tcp))
        #expect(trunk.domain == "127.0.0.1")
        #expect(trunk.credentials == nil && !trunk.registers && trunk.acceptFrom.isEmpty)
        #expect(trunk.media.codecs == [.pcmu, .pcma] && trunk.media.allowsT38 && trunk.media.errorCorrection && trunk.media.isSymmetric)
        #expect(!trunk.media.isEncrypted && trunk.media.redundancy == 5)
    }

    @Test func `every field is used`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trunks-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let password = folder.appendingPathComponent("password").path
        _ = FileManager.default.createFile(atPath: password, contents: Data("seven words\n".utf8), attributes: [.posixPermissions: 0o600])
        let trunk = try #require(
            try trunks(
                """
                {"trunks":[{"name":"a-1","server":"sips:sip.example.com","domain":"example.com","username":"fax01",
                "password_file":"\(password)","realm":"example","register":true,"expires_seconds":300,"keepalive_seconds":0,
                "numbers":["+15551230100","15551230101"],"bind":"[::1]:5070","advertise":"192.0.2.9","media_ports":"20000-20099",
                "codecs":["PCMA"],"t38":false,"t38_redundancy":2,"t38_parity":true,"t38_max_datagram":200,"offer_t38_as_callee":false,
                "media_encryption":"required","symmetric_media":false,"ecm":false,"max_rate":9600,"accept_from":["192.0.2.0/24"],
                "tls_ca_file":"/ca","tls_certificate_file":"/c","tls_key_file":"/k","tls_server_name":"sip","max_calls":7}]}
                """
            ).first)
        #expect(trunk.server == SIPDestination(host: "sip.example.com", port: nil, transport: .tls))
        #expect(trunk.domain == "example.com" && trunk.user == "fax01" && trunk.caller.uri.text == "sip:fax01@example.com")
        #expect(trunk.credentials?.username == "fax01" && trunk.credentials?.realm == "example")
        #expect(trunk.registers && trunk.registrationTime == .seconds(300) && trunk.keepAlive == nil)
        #expect(trunk.numbers.map(\.dialString) == ["+15551230100", "15551230101"])
        #expect(trunk.bindHost == "::1" && trunk.bindPort == 5070 && trunk.advertisedHost == "192.0.2.9")
        #expect(trunk.media.firstPort == 20000 && trunk.media.lastPort == 20099 && trunk.media.advertisedAddress == "192.0.2.9")
        #expect(trunk.media.codecs == [.pcma] && !trunk.media.allowsT38 && trunk.media.redundancy == 2 && trunk.media.asksForParity)
        #expect(trunk.media.maximumDatagram == 200 && !trunk.media.offersAsCallee && trunk.media.isEncrypted && !trunk.media.isSymmetric)
        #expect(!trunk.media.errorCorrection && trunk.media.maximumBitRate == 9600)
        #expect(trunk.acceptFrom.count == 1 && trunk.acceptFrom[0].contains("192.0.2.77"))
        #expect(trunk.tls?.authorities == "/ca" && trunk.tls?.identity?.key == "/k" && trunk.tls?.serverName == "sip")
        #expect(trunk.maximumCalls == 7)
        // A password is in no description.
        #expect(!"\(trunk)".contains("seven"))
        var dumped = ""
        dump(trunk, to: &dumped)
        #expect(!dumped.contains("seven"))
    }

    private static func entry(_ fields: String) -> String { #"{"trunks":[{"name":"carrier","server":"sip:127.0.0.1",\#(fields)}]}"# }

    @Test(arguments: [
        ("", "no JSON"), ("[]", "wrong kind"), ("{}", "trunks is missing"), (#"{"trunks":[]}"#, "has no trunk"),
        (#"{"trunks":[{"server":"sip:a"}]}"#, "name is missing"), (#"{"trunks":[{"name":"A b","server":"sip:a"}]}"#, "the name must be"),
        (#"{"trunks":[{"name":"a","server":"http://a"}]}"#, "server must be"),
        (#"{"trunks":[{"name":"a","server":"sip:user@a"}]}"#, "without a user"),
        (#"{"trunks":[{"name":"a","server":"sip:a;transport=sctp"}]}"#, "udp, tcp and tls"),
        (#"{"trunks":[{"name":"a","server":"sip:a"},{"name":"a","server":"sip:b"}]}"#, "two trunks"),
        (entry(#""pasword_file":"/x""#), "no field pasword_file"), (entry(#""t38":"yes""#), "wrong kind"),
        (entry(#""username":"u""#), "password_file is missing"),
        (entry(#""username":"u","password_file":"/nonexistent""#), "password_file"),
        (entry(#""register":true"#), "register needs username"), (entry(#""numbers":["call me"]"#), "numbers"),
        (entry(#""bind":"localhost:5060""#), "bind"), (entry(#""bind":"127.0.0.1""#), "bind"), (entry(#""advertise":"me""#), "advertise"),
        (entry(#""media_ports":"80-90""#), "media_ports"), (entry(#""media_ports":"30000-20000""#), "media_ports"),
        (entry(#""codecs":["g729"]"#), "codecs"), (entry(#""codecs":[]"#), "codecs"), (entry(#""t38_redundancy":9"#), "t38_redundancy"),
        (entry(#""t38_max_datagram":10"#), "t38_max_datagram"), (entry(#""media_encryption":"maybe""#), "media_encryption"),
        (entry(#""media_encryption":"required""#), "transport=tls"), (entry(#""max_rate":33600"#), "max_rate"),
        (entry(#""accept_from":["everywhere"]"#), "accept_from"), (entry(#""tls_ca_file":"/ca""#), "transport=tls"),
        (entry(#""expires_seconds":5"#), "expires_seconds"), (entry(#""max_calls":0"#), "max_calls"),
    ])
    func `a mistake is named`(text: String, words: String) {
        let problem = problem(text)
        #expect(problem.contains(words), "\(problem)")
        #expect(problem.contains("trunks.json"))
    }
}
