import SIP
import Telefax
import WorkerProtocol

/// What one side of a call says of its media: first G.711 audio, then T.38 on the same port.
struct LegMedia: Sendable {
    private let address: String
    private let port: UInt16
    private let sessionID: UInt64
    private var version: UInt64 = 0
    private var t38 = T38Attributes.offer

    /// - Parameters:
    ///   - address: where the worker's socket is bound.
    ///   - port: its port.
    init(address: String, port: UInt16, sessionID: UInt64) {
        self.address = address
        self.port = port
        self.sessionID = sessionID
    }

    /// An offer, or the answer to one, of audio alone.
    mutating func audio() -> [UInt8] {
        describe([.audio(port: port, codecs: [.pcmu, .pcma])])
    }

    /// Our offer to change to T.38 (ITU-T T.38 (11/2015) annex D.2).
    mutating func t38Offer() -> [UInt8] {
        t38 = .offer
        return describe([image(t38)])
    }

    /// What was agreed when `answer` came to our T.38 offer; nil when it refused the image stream or has none.
    func t38Session(answer: [UInt8]) -> T38Session? {
        guard let description = try? SessionDescription(parsing: answer),
            let image = description.media.first(where: { $0.isT38 && !$0.isRejected })
        else { return nil }
        return session(own: t38, image: image, in: description)
    }

    /// The answer to an offer of the far end, which may be T.38, or audio again after the fax.
    /// - Returns: nil when there is nothing in it that we do (488).
    mutating func answer(to offer: [UInt8]) -> (body: [UInt8], t38: T38Session?)? {
        // A re-INVITE without a body asks for our offer: what we are doing now is audio.
        guard !offer.isEmpty else { return (audio(), nil) }
        guard let description = try? SessionDescription(parsing: offer) else { return nil }
        if let image = description.media.first(where: { $0.isT38 && !$0.isRejected }) {
            let own = T38Attributes.answer(to: T38Attributes(image))
            t38 = own
            let media = description.answeringMedia { $0.isT38 ? self.image(own) : nil }
            guard let session = session(own: own, image: image, in: description) else { return nil }
            return (describe(media), session)
        }
        let media = description.answeringMedia { offered in
            let codecs = offered.kind == "audio" ? offered.audioCodecs : []
            return codecs.isEmpty ? nil : .audio(port: port, codecs: [codecs[0]])
        }
        // "m=image 0" at the end of a fax is answered with port 0 too; an offer of what we do not have is refused as a whole.
        if media.allSatisfy(\.isRejected), !description.media.allSatisfy(\.isRejected) { return nil }
        return (describe(media), nil)
    }

    private mutating func describe(_ media: [MediaDescription]) -> [UInt8] {
        version += 1
        let origin = SessionDescription.Origin(
            sessionID: sessionID, version: version, address: Connection(address: address))
        return SessionDescription(origin: origin, media: media).bytes
    }

    private func image(_ attributes: T38Attributes) -> MediaDescription {
        MediaDescription(
            kind: "image", port: port, transport: "udptl", formats: ["t38"],
            attributes: attributes.lines.map { SDPAttribute($0.name, $0.value) })
    }

    private func session(own: T38Attributes, image: MediaDescription, in description: SessionDescription) -> T38Session? {
        guard let address = description.connection(of: image)?.address else { return nil }
        return T38Attributes.session(own: own, peer: T38Attributes(image), address: address, port: image.port)
    }
}

extension MediaDescription {
    fileprivate var isT38: Bool {
        kind == "image" && transport.lowercased() == "udptl" && formats.contains { $0.lowercased() == "t38" }
    }
}

extension T38Attributes {
    fileprivate init(_ image: MediaDescription) {
        self.init(lines: image.attributes.map { ($0.name, $0.value) })
    }
}
