/// One `m=` section (RFC 8866 5.14) with the lines below it.
package struct MediaDescription: Sendable, Equatable {
    /// `audio`, `image` ... in lower case.
    package var kind: String
    /// The port at which media are received, 0...65535; 0 refuses or ends the medium (RFC 3264 6, 8.2).
    package var port: UInt16
    /// The transport: `RTP/AVP`, `udptl` ...
    package var transport: String
    /// The formats: payload types for RTP, a token for others.
    package var formats: [String]
    /// `c=` of this medium.
    package var connection: Connection?
    /// Lines of this medium that mean nothing here (`i b k`).
    package var otherLines: [SDPLine] = []
    /// `a=` of this medium in order.
    package var attributes: [SDPAttribute]

    /// Builds a medium.
    package init(
        kind: String, port: UInt16, transport: String, formats: [String], attributes: [SDPAttribute] = []
    ) {
        self.kind = kind
        self.port = port
        self.transport = transport
        self.formats = formats
        self.attributes = attributes
    }

    /// Audio over RTP/AVP in G.711 with the static payload types of RFC 3551 6.
    /// - Parameters:
    ///   - port: the RTP port.
    ///   - codecs: in the order of preference.
    ///   - packetTime: milliseconds a packet.
    package static func audio(port: UInt16, codecs: [AudioCodec], packetTime: Int = 20) -> MediaDescription {
        var attributes = codecs.map { SDPAttribute("rtpmap", "\($0.payloadType) \($0.encodingName)/8000") }
        attributes += [SDPAttribute("ptime", String(packetTime)), SDPAttribute("sendrecv")]
        return MediaDescription(
            kind: "audio", port: port, transport: "RTP/AVP", formats: codecs.map { String($0.payloadType) },
            attributes: attributes)
    }

    /// The G.711 codecs among the formats, in their order. A static payload type needs no `rtpmap`.
    package var audioCodecs: [AudioCodec] {
        formats.compactMap { format in AudioCodec.allCases.first { String($0.payloadType) == format } }
    }

    /// Whether the port is 0.
    package var isRejected: Bool { port == 0 }

    /// The same medium refused: port 0 and no attributes.
    package var rejected: MediaDescription {
        MediaDescription(kind: kind, port: 0, transport: transport, formats: formats)
    }

    var lines: [String] {
        var lines = ["m=\(kind) \(port) \(transport) \(formats.joined(separator: " "))"]
        lines += otherLines.filter { $0.type == "i" }.map(\.text)
        if let connection { lines.append("c=\(connection.text)") }
        lines += otherLines.filter { $0.type != "i" }.map(\.text)
        return lines + attributes.map { "a=\($0.text)" }
    }
}

/// G.711 by its RTP payload type (RFC 3551 6).
package enum AudioCodec: CaseIterable, Sendable {
    /// µ-law, payload type 0.
    case pcmu
    /// A-law, payload type 8.
    case pcma

    /// The static payload type.
    package var payloadType: Int { self == .pcmu ? 0 : 8 }

    /// The name in `rtpmap`.
    package var encodingName: String { self == .pcmu ? "PCMU" : "PCMA" }
}
