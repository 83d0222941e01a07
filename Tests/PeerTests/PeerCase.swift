import Foundation
import Testing

/// One call with Asterisk: what both sides are configured to do, and what must come of it.
struct PeerCase: Sendable, CustomTestStringConvertible {
    enum Variant: String, CaseIterable {
        // The longest first: not all begin at once.
        /// Ten pages, with a session timer that runs out in mid-fax.
        case tenPages = "ten-pages"
        /// We ask for T.38, Asterisk agrees.
        case t38Ours = "t38-ours"
        /// Asterisk asks for T.38, we agree.
        case t38Theirs = "t38-theirs"
        /// We ask for T.38, Asterisk answers 488.
        case refused
        /// Asterisk asks for T.38, we answer 488.
        case refusing
        /// Nobody asks for T.38.
        case audio
        case audioMuLaw = "audio-mu-law"
        case withoutErrorCorrection = "no-ecm"
        /// Parity in place of repetition (T.38 9.1.4.2).
        case parity
        case sha256 = "sha-256"
        case md5
        case tcp
        case tls
        /// SRTP with keys in the session description, over TLS.
        case srtp
    }

    enum Direction: String { case send, receive }

    let variant: Variant
    let direction: Direction
    /// From 0; makes numbers and addresses.
    let index: Int

    static let sending = cases(.send, first: 0)
    static let receiving = cases(.receive, first: sending.count)
    static let all = sending + receiving

    private static func cases(_ direction: Direction, first: Int) -> [PeerCase] {
        Variant.allCases.enumerated().map { PeerCase(variant: $1, direction: direction, index: first + $0) }
    }

    /// Also the endpoint's name and the user that it registers as.
    var name: String { "\(variant.rawValue)-\(direction.rawValue)" }
    var testDescription: String { name }
    /// The number that is called: Asterisk's in ``sending``, ours in ``receiving``.
    var number: String { "+155512301\(index < 10 ? "0" : "")\(index)" }
    var pages: Int { variant == .tenPages ? 10 : 2 }
    /// What Asterisk says of how the fax went.
    var mode: String { [.refused, .refusing, .audio, .audioMuLaw, .srtp].contains(variant) ? "audio" : "T38" }
    var correctsErrors: Bool { variant != .withoutErrorCorrection }
    /// How long the fax may take.
    var patience: Duration { variant == .tenPages ? .seconds(420) : .seconds(240) }
    /// Where we are, for Asterisk.
    var address: String { AsteriskPeer.address(of: 10 + index) }
    private var isRegistered: Bool { [.sha256, .md5, .tls, .srtp].contains(variant) }
    private var password: String { "invented-password-\(index)" }

    /// Asterisk 16 has digests by MD5 alone.
    func isPossible(with peer: AsteriskPeer) -> Bool { variant != .sha256 || peer.majorVersion >= 22 }

    /// The endpoint's line for `asterisk-peer.sh`.
    func endpoint(in folder: TemporaryFolder) throws -> String {
        var words = [name, "address=\(address)", "number=\(AsteriskPeer.station)"]
        if isRegistered { words.append("password_file=\(try folder.write(Array(password.utf8), to: name + ".password"))") }
        switch variant {
        // Asterisk asks nine seconds after the answer; we ask after eight, since its preamble was heard.
        case .t38Ours: words += ["preamble=yes", "wait=4.5"]
        case .refused: words += ["preamble=yes", "wait=4.5", "t38=no"]
        case .audio: words += ["receive=F", "send=F"]
        case .audioMuLaw: words += ["receive=F", "send=F", "codecs=ulaw"]
        case .withoutErrorCorrection: words.append("ecm=no")
        case .parity: words.append("repair=fec")
        case .sha256: words.append("digest=sha-256")
        case .tcp: words.append("transport=tcp")
        case .srtp: words += ["encryption=sdes", "receive=F", "send=F"]
        // The shortest that RFC 4028 allows: refreshed every 45 seconds.
        case .tenPages: words.append("session=90")
        case .t38Theirs, .refusing, .md5, .tls: break
        }
        return words.joined(separator: " ")
    }

    /// A file of `FAXLOCK_TRUNKS_FILE`.
    struct Trunks: Encodable {
        struct Trunk: Encodable {
            let name = "peer"
            var server: String
            var username: String?
            var password_file: String?
            var register = false
            var numbers: [String]
            var bind: String
            var codecs: [String]?
            var t38: Bool?
            var t38_parity: Bool?
            var offer_t38_as_callee: Bool?
            var media_encryption: String?
            var ecm: Bool?
            var tls_ca_file: String?
        }
        let trunks: [Trunk]
    }

    /// The settings of a server whose only trunk is Asterisk.
    func settings(_ peer: AsteriskPeer, in folder: TemporaryFolder) throws -> [String: String] {
        var trunk = Trunks.Trunk(
            server: "sip:\(peer.address):5060", numbers: [direction == .send ? ServerProcess.senderNumber : number],
            bind: "\(address):5060")
        if isRegistered {
            trunk.register = true
            trunk.username = name
            trunk.password_file = try secret(password, "password", in: folder)
        }
        switch variant {
        case .t38Theirs: trunk.offer_t38_as_callee = false
        case .refusing, .audio: trunk.t38 = false
        case .audioMuLaw: (trunk.t38, trunk.codecs) = (false, ["pcmu"])
        case .withoutErrorCorrection: trunk.ecm = false
        case .parity: trunk.t38_parity = true
        case .tcp: trunk.server += ";transport=tcp"
        case .tls, .srtp:
            trunk.server = "sip:\(peer.address):5061;transport=tls"
            trunk.tls_ca_file = peer.folder + "/tls/certificate.pem"
            if variant == .srtp { trunk.media_encryption = "required" }
        case .t38Ours, .refused, .sha256, .md5, .tenPages: break
        }
        let file = try folder.write(Array(try JSONEncoder().encode(Trunks(trunks: [trunk]))), to: "trunks.json")
        return ["FAXLOCK_TRUNKS_FILE": file]
    }

    /// A file that only its owner reads.
    private func secret(_ text: String, _ name: String, in folder: TemporaryFolder) throws -> String {
        let file = try folder.write(Array(text.utf8), to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        return file
    }

    /// Waits until Asterisk knows where to reach us, if that takes a registration.
    func waitForRegistration(at peer: AsteriskPeer) async throws {
        guard isRegistered else { return }
        _ = try await eventually("\(name) is registered", every: .milliseconds(500)) {
            try await peer.instance.ask("pjsip show aor \(name)").split(separator: "\n").contains {
                $0.contains("Contact:") && $0.contains("\(name)/sip")
            } ? true : nil
        }
    }

    /// That both sides really did what the row is about.
    func expectEvidence(in messages: [SIPTraffic.Message]) {
        let (ours, theirs) = (messages.filter(\.isOurs), messages.filter { !$0.isOurs })
        let asksForImage = { (message: SIPTraffic.Message) in message.begins("INVITE ") && message.has("m=image ") }
        switch variant {
        case .t38Ours:
            #expect(ours.contains(where: asksForImage))
            #expect(theirs.contains { $0.begins("SIP/2.0 200") && $0.has("m=image ") })
        case .t38Theirs:
            #expect(theirs.contains(where: asksForImage) && !ours.contains(where: asksForImage))
        case .refused:
            #expect(ours.contains(where: asksForImage))
            #expect(theirs.contains { $0.begins("SIP/2.0 488") })
        case .refusing:
            #expect(theirs.contains(where: asksForImage))
            #expect(ours.contains { $0.begins("SIP/2.0 488") })
        case .audio, .audioMuLaw:
            #expect(!messages.contains(where: asksForImage))
        case .parity:
            #expect(messages.contains { $0.has("m=image ") && $0.has("a=T38FaxUdpEC:t38UDPFEC") })
        case .sha256:
            #expect(ours.contains { $0.begins("REGISTER ") && $0.has("algorithm=SHA-256") })
        case .md5:
            #expect(ours.contains { $0.begins("REGISTER ") && $0.has("algorithm=MD5") })
        case .tcp:
            #expect(ours.contains { $0.begins("INVITE ") || $0.begins("SIP/2.0 200") } && messages.allSatisfy { $0.transport == "TCP" })
        case .tls, .srtp:
            #expect(ours.contains { $0.begins("INVITE ") || $0.begins("SIP/2.0 200") } && messages.allSatisfy { $0.transport == "TLS" })
            if variant == .srtp {
                #expect(ours.contains { $0.has("RTP/SAVP") && $0.has("a=crypto:") })
                #expect(!messages.contains { $0.has("RTP/AVP") || $0.has("m=image ") })
            }
        case .tenPages:
            // The first refresh comes after 45 seconds, the last after 90.
            #expect(theirs.count { $0.begins("UPDATE ") && $0.has("Session-Expires: 90") } >= 1)
            #expect(ours.contains { $0.begins("SIP/2.0 200") && $0.has("UPDATE") })
        case .withoutErrorCorrection: break
        }
    }
}
