import Access
import FaxModel
import SIP

extension TrunkEntry {
    /// The trunk that the fields describe, without its password.
    func trunk() throws(Problem) -> Trunk {
        guard (1...32).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
            throw Problem("the name must be 1 to 32 of a to z, 0 to 9 and -")
        }
        let uri: SIPURI
        do { uri = try SIPURI(parsing: server) } catch {
            throw Problem("server must be a SIP URI as sip:sip.example.com or sip:192.0.2.1:5061;transport=tls")
        }
        guard uri.isSIP, uri.user == nil, !uri.host.isEmpty else { throw Problem("server must be a SIP URI without a user") }
        let transport = try transport(of: uri)
        var trunk = Trunk(
            name: name, server: SIPDestination(host: uri.host, port: uri.port, transport: transport), domain: domain ?? uri.host)
        trunk.user = user ?? username
        trunk.registers = register ?? false
        if trunk.registers, username == nil { throw Problem("register needs username and password_file") }
        trunk.registrationTime = .seconds(try whole(expires_seconds, "expires_seconds", in: 60...86_400, else: 600))
        let keepAlive = try whole(keepalive_seconds, "keepalive_seconds", in: 0...3600, else: 30)
        trunk.keepAlive = keepAlive == 0 ? nil : .seconds(keepAlive)
        for text in numbers ?? [] {
            guard let number = PhoneNumber(text) else { throw Problem("numbers: each is an optional + and 6 to 20 digits") }
            trunk.numbers.append(number)
        }
        if let bind {
            guard let place = Self.hostAndPort(bind) else {
                throw Problem("bind must be a numeric address and a port as 0.0.0.0:5060 or [::]:5060")
            }
            (trunk.bindHost, trunk.bindPort) = place
        }
        if let advertise {
            guard NetworkAddress(advertise) != nil else { throw Problem("advertise must be a numeric address") }
            trunk.advertisedHost = advertise
        }
        for text in accept_from ?? [] {
            guard let range = AddressRange(text) else { throw Problem("accept_from: each is an address or a network as 192.0.2.0/24") }
            trunk.acceptFrom.append(range)
        }
        trunk.maximumCalls = try whole(max_calls, "max_calls", in: 1...1000, else: 30)
        if let calls_per_second {
            guard (0.01...1000).contains(calls_per_second) else { throw Problem("calls_per_second must be 0.01 to 1000") }
            trunk.callsPerSecond = calls_per_second
        }
        trunk.media = try mediaPolicy()
        if transport == .tls {
            guard (tls_certificate_file == nil) == (tls_key_file == nil) else {
                throw Problem("tls_certificate_file and tls_key_file go together")
            }
            var tls = SIPTLSConfiguration(authorities: tls_ca_file, serverName: tls_server_name)
            if let tls_certificate_file, let tls_key_file {
                tls.identity = SIPTLSConfiguration.Identity(chain: tls_certificate_file, key: tls_key_file)
            }
            trunk.tls = tls
        } else if tls_ca_file != nil || tls_certificate_file != nil || tls_key_file != nil || tls_server_name != nil {
            throw Problem("the tls_ fields need a server with transport=tls")
        }
        if trunk.media.isEncrypted, transport != .tls {
            // The keys of SRTP are in the session description.
            throw Problem("media_encryption needs a server with transport=tls: the media's keys travel in the signalling")
        }
        return trunk
    }

    private func transport(of uri: SIPURI) throws(Problem) -> SIPTransportKind? {
        guard let word = uri.parameter("transport") else { return uri.scheme == .sips ? .tls : nil }
        guard let kind = SIPTransportKind(parameter: word), uri.scheme != .sips || kind != .udp else {
            throw Problem("server: the transport is one of udp, tcp and tls")
        }
        return uri.scheme == .sips ? .tls : kind
    }

    private func mediaPolicy() throws(Problem) -> MediaPolicy {
        var media = MediaPolicy()
        if let codecs {
            media.codecs = []
            for word in codecs {
                guard let codec = AudioCodec.allCases.first(where: { $0.encodingName.lowercased() == word.lowercased() }) else {
                    throw Problem("codecs: each is pcma or pcmu; fax goes over nothing else")
                }
                media.codecs.append(codec)
            }
            guard !media.codecs.isEmpty else { throw Problem("codecs: calls begin with audio, so one is needed") }
        }
        media.allowsT38 = t38 ?? true
        media.offersAsCallee = offer_t38_as_callee ?? true
        media.redundancy = try whole(t38_redundancy, "t38_redundancy", in: 0...8, else: media.redundancy)
        media.asksForParity = t38_parity ?? false
        if let t38_max_datagram { media.maximumDatagram = try whole(t38_max_datagram, "t38_max_datagram", in: 80...1400, else: 400) }
        switch media_encryption ?? "none" {
        case "none": break
        case "required": media.isEncrypted = true
        default: throw Problem("media_encryption is none or required")
        }
        media.isSymmetric = symmetric_media ?? true
        media.errorCorrection = ecm ?? true
        media.maximumBitRate = try whole(max_rate, "max_rate", in: 2400...14_400, else: 14_400)
        media.advertisedAddress = advertise
        if let media_ports {
            let ends = media_ports.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
            guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 1024, first <= last else {
                throw Problem("media_ports must be a range as 20000-20999")
            }
            (media.firstPort, media.lastPort) = (first, last)
        }
        return media
    }

    private func whole(_ value: Int?, _ field: String, in range: ClosedRange<Int>, else standard: Int) throws(Problem) -> Int {
        guard let value else { return standard }
        guard range.contains(value) else { throw Problem("\(field) must be \(range.lowerBound) to \(range.upperBound)") }
        return value
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
    }

    /// `192.0.2.1:5060` or `[2001:db8::1]:5060`.
    private static func hostAndPort(_ text: String) -> (String, Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard NetworkAddress(host) != nil else { return nil }
        return (String(host), port)
    }
}
