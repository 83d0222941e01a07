extension SessionDescription {
    /// The largest description read, bytes.
    package static let maximumSize = 16_384
    /// The most media sections read.
    package static let maximumMedia = 16

    /// Reads a description. Line ends may be CRLF or LF; lines of unknown type are ignored (RFC 8866 5).
    /// - Throws: ``SIPParseFailure`` when it is too large, has no `v=0` or `o=`, or a line in use is malformed.
    package init(parsing bytes: [UInt8]) throws(SIPParseFailure) {
        guard bytes.count <= Self.maximumSize else { throw .tooLarge("size") }
        var origin: Origin?
        var description = SessionDescription(
            origin: Origin(sessionID: 0, version: 0, address: Connection(address: "0.0.0.0")), media: [])
        description.connection = nil
        var isFirst = true
        for raw in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = String(decoding: raw, as: UTF8.self)
            guard raw.count >= 2, raw[raw.startIndex + 1] == UInt8(ascii: "="), raw[raw.startIndex] < 0x80 else {
                throw .malformed("line")
            }
            let line = SDPLine(
                type: Character(Unicode.Scalar(raw[raw.startIndex])),
                value: String(decoding: raw.dropFirst(2), as: UTF8.self).withoutControls)
            if isFirst {
                guard text == "v=0" else { throw .malformed("version") }
                isFirst = false
            } else if line.type == "o" {
                guard origin == nil else { throw .malformed("origin") }
                origin = try Origin(parsing: line.value)
            } else {
                try description.add(line)
            }
        }
        guard let origin else { throw .missing("origin") }
        description.origin = origin
        self = description
    }

    private mutating func add(_ line: SDPLine) throws(SIPParseFailure) {
        if line.type == "m" {
            guard media.count < Self.maximumMedia else { throw .tooLarge("media") }
            media.append(try MediaDescription(parsing: line.value))
            return
        }
        if let last = media.indices.last {
            switch line.type {
            case "c": media[last].connection = try Connection(words: line.value.split(separator: " "))
            case "a": media[last].attributes.append(SDPAttribute(parsing: line.value))
            case "i", "b", "k": media[last].otherLines.append(line)
            default: break
            }
            return
        }
        switch line.type {
        case "s": name = line.value
        case "c": connection = try Connection(words: line.value.split(separator: " "))
        case "t": timing = line.value
        case "a": attributes.append(SDPAttribute(parsing: line.value))
        case "i", "u", "e", "p", "b", "r", "z", "k": otherLines.append(line)
        default: break
        }
    }
}

extension SessionDescription.Origin {
    init(parsing value: String) throws(SIPParseFailure) {
        let words = value.split(separator: " ")
        guard words.count == 6 else { throw .malformed("origin") }
        username = String(words[0])
        sessionID = String(words[1])
        version = String(words[2])
        address = try Connection(words: words[3...])
    }
}

extension MediaDescription {
    init(parsing value: String) throws(SIPParseFailure) {
        let words = value.split(separator: " ")
        // A number of ports may follow a slash; only the first port is ever used.
        guard words.count >= 4, let portText = words[1].split(separator: "/").first,
            portText.utf8.allSatisfy(\.isDigit), let port = UInt16(portText)
        else { throw .malformed("media") }
        self.init(
            kind: words[0].lowercased(), port: port, transport: String(words[2]), formats: words[3...].map(String.init))
    }
}
