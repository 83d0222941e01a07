import Testing

/// deploy/asterisk: what must hold whatever Asterisk thinks of it.
@Suite struct AsteriskTests {
    /// Lines that are not comments.
    private func lines(_ name: String) throws -> [String] {
        try Deploy.text("asterisk/\(name)").split(separator: "\n").map(String.init).filter { !$0.hasPrefix(";") && !$0.isEmpty }
    }

    /// Secrets come from files that are made on the spot: a missing one keeps Asterisk from loading the rest, so there is no default.
    @Test(arguments: [("manager.conf", "secret", "manager-secret.conf"), ("pjsip.conf", "password", "trunk-secret.conf")])
    func secretsAreIncluded(name: String, key: String, file: String) throws {
        let lines = try lines(name)
        #expect(lines.filter { $0.contains("#include") } == ["#include \"faxlock/\(file)\""])
        #expect(!lines.contains { $0.lowercased().hasPrefix(key) })
        #expect(try Deploy.text("asterisk/notify.curl").contains("header = \"@/etc/asterisk/faxlock/inbound-secret.header\""))
    }

    @Test func theManagerIsOnLoopbackAndMayDoLittle() throws {
        let lines = try lines("manager.conf")
        for line in ["bindaddr = 127.0.0.1", "webenabled = no", "deny = 0.0.0.0/0", "deny = ::/0", "permit = 127.0.0.1/32"] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(lines.filter { $0.hasPrefix("permit") }.count == 1)
        #expect(
            lines.filter { $0.hasPrefix("read") || $0.hasPrefix("write =") } == ["read = call,user", "write = originate,call,reporting"])
    }

    /// What a far end says of itself is written nowhere as it came.
    @Test func whatComesFromOutsideIsFiltered() throws {
        for line in try lines("extensions.conf") {
            for variable in ["REMOTESTATIONID", "CALLERID(num)", "EXTEN}"] where line.contains(variable) {
                #expect(line.contains("FILTER(0-9+,${"), "\(line)")
            }
            // The secret is in no argument, and so in no process list and no log of Asterisk.
            #expect(!line.contains("Secret") && !line.contains("CURLOPT"))
        }
    }

    /// Of a call to a number, only G.711 and T.38 come about, and the caller needs to be the carrier.
    @Test func theTrunkCarriesFaxOnly() throws {
        let lines = try lines("pjsip.conf")
        for line in ["disallow = all", "allow = alaw,ulaw", "t38_udptl = yes", "context = faxlock-receive", "type = identify"] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(!lines.contains { $0.contains("anonymous") })
    }

    /// The endpoint is found by the carrier's address and by nothing that a caller writes; a fax goes where the SDP says, and not where a
    /// stray datagram came from.
    @Test func onlyTheCarriersAddressIsTheCarrier() throws {
        let lines = try lines("pjsip.conf")
        #expect(lines.filter { $0.hasPrefix("identify_by") } == ["identify_by = ip"])
        #expect(lines.filter { $0.hasPrefix("t38_udptl_nat") } == ["t38_udptl_nat = no"])
    }
}
