import SIP
import Telefax
import Testing
import WorkerProtocol

@testable import Backends

@Suite struct LegMediaTests {
    private func media(port: UInt16 = 4002, policy: MediaPolicy = MediaPolicy()) -> LegMedia {
        var random = SeededRandom(seed: 7)
        return LegMedia(address: "127.0.0.1", port: port, policy: policy, random: &random)
    }

    private func sdp(_ lines: String...) -> [UInt8] {
        Array((["v=0", "o=- 1 1 IN IP4 127.0.0.2", "s=-", "c=IN IP4 127.0.0.2", "t=0 0"] + lines).map { $0 + "\r\n" }.joined().utf8)
    }

    private func answer(of media: inout LegMedia, to offer: [UInt8]) throws -> LegMedia.Answer {
        let answer = media.answer(to: offer)
        return try #require(answer)
    }

    private static let t38Lines = [
        "a=T38FaxVersion:0", "a=T38MaxBitRate:9600", "a=T38FaxMaxDatagram:300", "a=T38FaxUdpEC:t38UDPRedundancy",
    ]

    private func t38Offer(_ first: String = "m=image 5000 udptl t38") -> [UInt8] {
        sdp(first, Self.t38Lines[0], Self.t38Lines[1], Self.t38Lines[2], Self.t38Lines[3])
    }

    @Test func `a call begins with an offer of both kinds of G.711`() throws {
        var media = media()
        let offer = try SessionDescription(parsing: media.audioOffer())
        #expect(offer.media.map(\.kind) == ["audio"])
        #expect(offer.media[0].port == 4002)
        #expect(offer.media[0].audioCodecs == [.pcmu, .pcma])
        #expect(offer.connection?.address == "127.0.0.1")
    }

    @Test func `each description is a new version of one session`() throws {
        var media = media()
        let bodies = [media.audioOffer(), media.t38Offer(), media.audioOffer()]
        let origins = try bodies.map { try SessionDescription(parsing: $0).origin }
        #expect(origins.map(\.version) == ["1", "2", "3"])
        #expect(Set(origins.map(\.sessionID)).count == 1)
    }

    @Test(arguments: [("0 8", AudioCodec.pcmu), ("8 0", .pcma), ("18 8 101", .pcma)])
    func `audio is answered with the first codec that is ours`(formats: String, codec: AudioCodec) throws {
        var media = media()
        let answer = try answer(of: &media, to: sdp("m=audio 6000 RTP/AVP \(formats)"))
        #expect(answer.t38 == nil)
        let description = try SessionDescription(parsing: answer.body)
        #expect(description.media.map(\.port) == [4002])
        #expect(description.media[0].audioCodecs == [codec])
    }

    @Test func `an offer of T38 is answered with T38 on the same port`() throws {
        var media = media()
        let answer = try answer(of: &media, to: t38Offer())
        let image = try #require(try SessionDescription(parsing: answer.body).media.first)
        #expect(image.kind == "image")
        #expect(image.port == 4002)
        #expect(image.attributes.value(named: "T38MaxBitRate") == "9600")
        #expect(image.attributes.value(named: "T38FaxUdpEC") == "t38UDPRedundancy")
        #expect(
            answer.t38
                == T38Session(
                    peerAddress: "127.0.0.2", peerPort: 5000, version: 0, maximumBitRate: 9600, maximumDatagram: 300,
                    redundancy: T38Attributes.defaultRedundancy))
    }

    @Test func `transport and format compare without regard to case, and the line's own address wins`() throws {
        var media = media()
        let answer = try answer(of: &media, to: sdp("m=image 5000 UDPTL T38", "c=IN IP4 127.0.0.9"))
        #expect(answer.t38?.peerAddress == "127.0.0.9")
        #expect(answer.t38?.redundancy == 0)
    }

    @Test func `audio and T38 offered together become T38`() throws {
        var media = media()
        let answer = try answer(of: &media, to: sdp("m=audio 6000 RTP/AVP 0", "m=image 5000 udptl t38"))
        let answered = try SessionDescription(parsing: answer.body).media
        #expect(answered.map(\.kind) == ["audio", "image"])
        #expect(answered.map(\.port) == [0, 4002])
        #expect(answer.t38?.peerPort == 5000)
    }

    @Test func `of two image lines the first that is UDPTL is taken`() throws {
        var media = media()
        let tcp = try answer(of: &media, to: sdp("m=image 5000 tcp t38", "m=image 5002 udptl t38"))
        #expect(try SessionDescription(parsing: tcp.body).media.map(\.port) == [0, 4002])
        #expect(tcp.t38?.peerPort == 5002)
        let both = try answer(of: &media, to: sdp("m=image 5000 udptl t38", "m=image 5002 udptl t38"))
        #expect(try SessionDescription(parsing: both.body).media.map(\.port) == [4002, 0])
        #expect(both.t38?.peerPort == 5000)
        let refused = try answer(of: &media, to: sdp("m=image 0 udptl t38", "m=image 5002 udptl t38"))
        #expect(try SessionDescription(parsing: refused.body).media.map(\.port) == [0, 4002])
        #expect(refused.t38?.peerPort == 5002)
    }

    @Test func `after the fax an image port 0 is answered with port 0, and audio is taken again`() throws {
        var media = media()
        _ = media.answer(to: t38Offer())
        let answer = try answer(of: &media, to: sdp("m=audio 6000 RTP/AVP 8", "m=image 0 udptl t38"))
        let answered = try SessionDescription(parsing: answer.body).media
        #expect(answered.map(\.port) == [4002, 0])
        #expect(answered[0].audioCodecs == [.pcma])
        #expect(answer.t38 == nil)
    }

    @Test func `what is not known is refused, line by line`() throws {
        var media = media()
        let answer = try answer(of: &media, to: sdp("m=video 6000 RTP/AVP 96", "m=audio 6002 RTP/AVP 0", "m=image 6004 udptl jpeg"))
        #expect(try SessionDescription(parsing: answer.body).media.map(\.port) == [0, 4002, 0])
        #expect(answer.t38 == nil)
    }

    @Test func `an offer of nothing that we have is refused as a whole`() {
        var media = media()
        let offer = sdp("m=video 6000 RTP/AVP 96", "m=audio 6002 RTP/AVP 18", "m=image 6004 udptl jpeg")
        let answer = media.answer(to: offer)
        #expect(answer == nil)
    }

    @Test func `no offer asks for ours`() throws {
        var media = media()
        let answer = try answer(of: &media, to: [])
        #expect(answer.t38 == nil)
        #expect(try SessionDescription(parsing: answer.body).media[0].audioCodecs == [.pcmu, .pcma])
    }

    @Test(arguments: ["x", "v=1\r\n", "\u{0}\u{1}\u{2}", "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nt=0 0\r\nm=image 5000 udptl t38\r\n"])
    func `garbage, or T38 without an address, has no answer`(offer: String) {
        var media = media()
        let answer = media.answer(to: Array(offer.utf8))
        #expect(answer == nil)
    }

    @Test func `our own offer is agreed when the answer takes the image line`() throws {
        var media = media()
        let offer = try SessionDescription(parsing: media.t38Offer())
        #expect(offer.media.map(\.kind) == ["image"])
        #expect(offer.media[0].port == 4002)
        let agreed = media.t38Session(answer: t38Offer())
        let session = try #require(agreed)
        #expect(session.peerPort == 5000)
        #expect(session.maximumBitRate == 9600)
        #expect(session.redundancy == T38Attributes.defaultRedundancy)
    }

    @Test(arguments: ["m=image 0 udptl t38", "m=image 5000 tcp t38", "m=audio 5000 RTP/AVP 0"])
    func `an answer without the image line is a refusal`(line: String) {
        var media = media()
        _ = media.t38Offer()
        for answer in [t38Offer(line), [], Array("garbage".utf8)] {
            let session = media.t38Session(answer: answer)
            #expect(session == nil)
        }
    }

    @Test func `both ends of one call agree on the same session`() throws {
        var caller = media(port: 4002)
        var callee = media(port: 4004)
        let answer = try answer(of: &callee, to: caller.t38Offer())
        let agreed = caller.t38Session(answer: answer.body)
        let session = try #require(agreed)
        #expect(session.peerPort == 4004)
        #expect(answer.t38?.peerPort == 4002)
        #expect(session.maximumBitRate == answer.t38?.maximumBitRate)
        #expect(session.redundancy == answer.t38?.redundancy)
    }

    // MARK: Audio

    @Test func `the answer to our offer says where audio goes, and in which law`() throws {
        var media = media()
        _ = media.audioOffer()
        let session = try #require(media.audioSession(answer: sdp("m=audio 6000 RTP/AVP 8")))
        #expect(session == AudioSession(peerAddress: "127.0.0.2", peerPort: 6000, codec: .pcma))
        #expect(media.audioSession(answer: sdp("m=audio 0 RTP/AVP 8")) == nil)
        #expect(media.audioSession(answer: sdp("m=audio 6000 RTP/AVP 18")) == nil)
        #expect(media.audioSession(answer: sdp("m=audio 6000 RTP/SAVP 8")) == nil)
    }

    @Test func `a law that the line does not want is not taken`() {
        var policy = MediaPolicy()
        policy.codecs = [.pcma]
        var media = media(policy: policy)
        let refused = media.answer(to: sdp("m=audio 6000 RTP/AVP 0"))
        #expect(refused == nil)
        let taken = media.answer(to: sdp("m=audio 6000 RTP/AVP 0 8"))
        #expect(taken?.audio?.codec == .pcma)
    }

    @Test func `a line without T38 answers it with audio or not at all`() throws {
        var policy = MediaPolicy()
        policy.allowsT38 = false
        var media = media(policy: policy)
        let refused = media.answer(to: t38Offer())
        #expect(refused == nil)
        let answer = try answer(of: &media, to: sdp("m=image 5000 udptl t38", "m=audio 6000 RTP/AVP 0"))
        #expect(try SessionDescription(parsing: answer.body).media.map(\.port) == [0, 4002])
    }

    @Test func `T38 comes too late once a page went over audio`() {
        var media = media()
        let refused = media.answer(to: t38Offer(), mayStart: false)
        #expect(refused == nil)
    }

    @Test func `an offer has never fewer sections than the one before`() throws {
        var media = media()
        _ = media.answer(to: sdp("m=audio 6000 RTP/AVP 0", "m=image 0 udptl t38"))
        let offer = try SessionDescription(parsing: media.t38Offer())
        #expect(offer.media.map(\.kind) == ["image", "audio"])
        #expect(offer.media.map(\.port) == [4002, 0])
    }

    @Test func `the line's own limits go before the far end's word`() throws {
        var policy = MediaPolicy()
        (policy.maximumDatagram, policy.redundancy, policy.maximumBitRate, policy.isSymmetric) = (180, 2, 7200, true)
        policy.advertisedAddress = "192.0.2.7"
        var media = media(policy: policy)
        let answer = try answer(of: &media, to: t38Offer())
        #expect(try SessionDescription(parsing: answer.body).connection?.address == "192.0.2.7")
        let session = try #require(answer.t38)
        #expect(session.maximumDatagram == 180 && session.redundancy == 2 && session.maximumBitRate == 7200 && session.isSymmetric)
    }

    // MARK: Encryption

    private var encrypted: MediaPolicy {
        var policy = MediaPolicy()
        policy.isEncrypted = true
        return policy
    }

    private static let key = String(repeating: "QUJD", count: 10)

    @Test func `where encryption is required, audio has keys and T38 is refused`() throws {
        var media = media(policy: encrypted)
        let offer = try SessionDescription(parsing: media.audioOffer()).media[0]
        #expect(offer.transport == "RTP/SAVP")
        let own = try #require(offer.attributes.value(named: "crypto").flatMap(SDESCrypto.init))
        let answer = sdp("m=audio 6000 RTP/SAVP 8", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\(Self.key)")
        let session = try #require(media.audioSession(answer: answer))
        #expect(session.keys?.local == own.key)
        #expect(session.keys?.remote == Array(repeating: [0x41, 0x42, 0x43], count: 10).flatMap { $0 })
        let refused = media.answer(to: t38Offer())
        #expect(refused == nil)
    }

    @Test(arguments: ["m=audio 6000 RTP/AVP 8", "m=audio 6000 RTP/SAVP 8"])
    func `without keys of the far end there is no call`(line: String) {
        var media = media(policy: encrypted)
        let answer = media.answer(to: sdp(line))
        #expect(answer == nil)
        #expect(media.audioSession(answer: sdp(line)) == nil)
    }

    @Test func `an answer carries the tag of the line that it takes`() throws {
        var media = media(policy: encrypted)
        let answer = try answer(
            of: &media,
            to: sdp(
                "m=audio 6000 RTP/SAVP 8", "a=crypto:3 F8_128_HMAC_SHA1_80 inline:\(Self.key)",
                "a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:\(Self.key)|2^31"))
        let section = try SessionDescription(parsing: answer.body).media[0]
        #expect(section.attributes.value(named: "crypto").flatMap(SDESCrypto.init)?.tag == 7)
        #expect(answer.audio?.keys != nil)
    }
}
