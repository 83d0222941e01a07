import SIP
import Telefax
import WorkerProtocol

/// What one side of a call says of its media: first G.711 audio, then T.38 on the same port.
struct LegMedia: Sendable {
    /// An answer of ours to an offer, and what was agreed with it.
    struct Answer: Sendable {
        let body: [UInt8]
        var t38: T38Session?
        var audio: AudioSession?
    }

    private let address: String
    private let port: UInt16
    private let sessionID: UInt64
    private let policy: MediaPolicy
    /// The key of what we send, for SRTP.
    private let crypto: SDESCrypto?
    private var version: UInt64 = 0
    private var t38: T38Attributes
    private var isT38 = false
    /// Media sections that the call has had: an offer may not have fewer (RFC 3264 8).
    private var sections = 1

    /// - Parameters:
    ///   - address: where the worker's socket is reached.
    ///   - port: its port.
    init(address: String, port: UInt16, policy: MediaPolicy = MediaPolicy(), random: inout some RandomNumberGenerator) {
        self.address = policy.advertisedAddress ?? address
        self.port = port
        self.policy = policy
        sessionID = UInt64.random(in: 1...(1 << 53), using: &random)
        crypto = policy.isEncrypted ? SDESCrypto(tag: 1, suite: .aesCM128HMACSHA1x80, using: &random) : nil
        t38 = .offer
    }

    // MARK: Offers

    /// An offer of audio alone.
    mutating func audioOffer() -> [UInt8] {
        describe([audio(policy.codecs, tag: 1)])
    }

    /// Our offer to change to T.38 (ITU-T T.38 (11/2015) annex D.2).
    mutating func t38Offer() -> [UInt8] {
        t38 = .offer
        if policy.asksForParity { t38.errorCorrection = .parity }
        return describe([image(t38)])
    }

    /// What was agreed when `answer` came to our T.38 offer; nil when it refused the image stream or has none.
    mutating func t38Session(answer: [UInt8]) -> T38Session? {
        guard let description = try? SessionDescription(parsing: answer),
            let image = description.media.first(where: { $0.isT38 && !$0.isRejected }),
            let session = session(own: t38, image: image, in: description)
        else { return nil }
        isT38 = true
        return session
    }

    /// What was agreed when `answer` came to our offer of audio; nil when it took none, or not with the encryption that is required.
    func audioSession(answer: [UInt8]) -> AudioSession? {
        guard let description = try? SessionDescription(parsing: answer),
            let section = description.media.first(where: { $0.isAudio && !$0.isRejected })
        else { return nil }
        return session(audio: section, in: description)?.session
    }

    // MARK: Answers

    /// The answer to an offer of the far end, which may be T.38, or audio again after the fax.
    /// - Parameter mayStart: whether T.38 may begin now: not once a page went over audio.
    /// - Returns: nil when there is nothing in it that we do (488).
    mutating func answer(to offer: [UInt8], mayStart: Bool = true) -> Answer? {
        // A re-INVITE without a body asks for our offer: what we are doing now.
        guard !offer.isEmpty else { return Answer(body: isT38 ? t38Offer() : audioOffer()) }
        guard let description = try? SessionDescription(parsing: offer) else { return nil }
        if policy.takesT38, mayStart, let image = description.media.first(where: { $0.isT38 && !$0.isRejected }) {
            let own = T38Attributes.answer(to: T38Attributes(image))
            t38 = own
            let media = description.answeringMedia { $0.isT38 ? self.image(own) : nil }
            guard let session = session(own: own, image: image, in: description) else { return nil }
            isT38 = true
            return Answer(body: describe(media), t38: session)
        }
        var agreed: AudioSession?
        let media = description.answeringMedia { offered in
            guard offered.isAudio, let (session, tag) = self.session(audio: offered, in: description) else { return nil }
            agreed = session
            return audio([session.codec == .pcmu ? .pcmu : .pcma], tag: tag)
        }
        // "m=image 0" at the end of a fax is answered with port 0 too; an offer of what we do not have is refused as a whole.
        if media.allSatisfy(\.isRejected), !description.media.allSatisfy(\.isRejected) { return nil }
        if agreed != nil { isT38 = false }
        return Answer(body: describe(media), audio: agreed)
    }

    // MARK: Sections

    private mutating func describe(_ media: [MediaDescription]) -> [UInt8] {
        version += 1
        sections = max(sections, media.count)
        let padding = Array(repeating: MediaDescription.audio(port: 0, codecs: [.pcmu]).rejected, count: sections - media.count)
        let origin = SessionDescription.Origin(
            sessionID: sessionID, version: version, address: Connection(address: address))
        return SessionDescription(origin: origin, media: media + padding).bytes
    }

    private func audio(_ codecs: [AudioCodec], tag: Int) -> MediaDescription {
        var section = MediaDescription.audio(port: port, codecs: codecs)
        if var crypto {
            crypto.tag = tag
            section.transport = "RTP/SAVP"
            section.attributes.append(SDPAttribute("crypto", crypto.value))
        }
        return section
    }

    private func image(_ attributes: T38Attributes) -> MediaDescription {
        MediaDescription(
            kind: "image", port: port, transport: "udptl", formats: ["t38"],
            attributes: attributes.lines.map { SDPAttribute($0.name, $0.value) })
    }

    private func session(own: T38Attributes, image: MediaDescription, in description: SessionDescription) -> T38Session? {
        guard let address = description.connection(of: image)?.address else { return nil }
        var session = T38Attributes.session(
            own: own, peer: T38Attributes(image), address: address, port: image.port, redundancy: policy.redundancy)
        if let limit = policy.maximumDatagram { session.maximumDatagram = limit }
        session.isSymmetric = policy.isSymmetric
        session.maximumBitRate = min(session.maximumBitRate, policy.maximumBitRate)
        return session
    }

    /// - Returns: nil when no law is ours, or the encryption is not what the line requires; the tag is that of the crypto line taken.
    private func session(audio section: MediaDescription, in description: SessionDescription) -> (session: AudioSession, tag: Int)? {
        guard let address = description.connection(of: section)?.address,
            let codec = section.audioCodecs.first(where: policy.codecs.contains)
        else { return nil }
        var session = AudioSession(
            peerAddress: address, peerPort: section.port, codec: codec == .pcmu ? .pcmu : .pcma, isSymmetric: policy.isSymmetric)
        guard let crypto else { return section.transport.uppercased() == "RTP/AVP" ? (session, 1) : nil }
        let offered = section.attributes.lazy.filter { $0.name.lowercased() == "crypto" }.compactMap { $0.value.flatMap(SDESCrypto.init) }
        guard section.transport.uppercased() == "RTP/SAVP",
            let theirs = offered.first(where: { $0.suite == crypto.suite && $0.keyIdentifierLength == 0 })
        else { return nil }
        session.keys = AudioSession.Keys(local: crypto.key, remote: theirs.key)
        return (session, theirs.tag)
    }
}

extension MediaDescription {
    fileprivate var isAudio: Bool { kind == "audio" }

    fileprivate var isT38: Bool {
        kind == "image" && transport.lowercased() == "udptl" && formats.contains { $0.lowercased() == "t38" }
    }
}

extension T38Attributes {
    fileprivate init(_ image: MediaDescription) {
        self.init(lines: image.attributes.map { ($0.name, $0.value) })
    }
}
