/// What the header fields of one form part say (RFC 7578 4).
package struct MultipartPart: Sendable, Hashable {
    /// The form field.
    package let name: String
    /// What the client calls its file, in its own words: to show to a person, never a path or a part of one.
    /// Nil if the part is a plain field. It may tell who the patient is: keep it out of logs.
    package let filename: String?
    /// The declared media type as it was sent. It decides nothing: content does.
    package let contentType: String?

    package init(name: String, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
    }

    /// Reads the header fields of a part, with the CRLF between them and without the empty line.
    init(headerBlock: ArraySlice<UInt8>) throws(MultipartError) {
        var disposition: ArraySlice<UInt8>?
        var contentType: ArraySlice<UInt8>?
        var transferEncoding: ArraySlice<UInt8>?
        for line in try Self.unfoldedLines(of: headerBlock) {
            let name = line.prefix(while: HeaderParameters.isToken)
            guard !name.isEmpty, name.endIndex < line.endIndex, line[name.endIndex] == UInt8(ascii: ":") else {
                throw .malformedHeader
            }
            let value = HeaderParameters.trimmed(line[(name.endIndex + 1)...])
            switch HeaderParameters.lowercased(name) {
            case "content-disposition": try Self.setOnce(&disposition, value)
            case "content-type": try Self.setOnce(&contentType, value)
            case "content-transfer-encoding": try Self.setOnce(&transferEncoding, value)
            default: break
            }
        }
        // A base64 part taken as it is would be faxed as pages of letters.
        if let transferEncoding, !["7bit", "8bit", "binary"].contains(HeaderParameters.lowercased(transferEncoding)) {
            throw .unsupportedTransferEncoding
        }
        guard let disposition else { throw .missingName }
        let type = disposition.prefix(while: HeaderParameters.isToken)
        guard HeaderParameters.lowercased(type) == "form-data" else { throw .missingName }
        guard let parameters = HeaderParameters(disposition[type.endIndex...]) else { throw .malformedHeader }
        guard let name = parameters["name"] else { throw .missingName }

        self.name = String(decoding: name, as: UTF8.self)
        // RFC 7578 4.2 forbids `filename*`, and common clients send it for names outside ASCII; it is the exact one of the two.
        if let extended = parameters["filename*"] {
            guard let decoded = Self.extendedValue(extended) else { throw .malformedHeader }
            filename = decoded
        } else {
            filename = parameters["filename"].map { String(decoding: $0, as: UTF8.self) }
        }
        self.contentType = contentType.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func setOnce(
        _ field: inout ArraySlice<UInt8>?, _ value: ArraySlice<UInt8>
    ) throws(MultipartError) {
        guard field == nil else { throw .malformedHeader }
        field = value
    }

    /// The lines, each with its continuation lines (RFC 5322 2.2.3) joined by their own blanks.
    private static func unfoldedLines(of block: ArraySlice<UInt8>) throws(MultipartError) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = block
        while !rest.isEmpty {
            let line = rest.prefix { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            rest = rest[line.endIndex...]
            if !rest.isEmpty {
                // Only CRLF may stand between the lines: no bare CR or LF, no NUL, no other control byte.
                guard rest.starts(with: [0x0D, 0x0A]) else { throw .malformedHeader }
                rest = rest.dropFirst(2)
                guard !rest.isEmpty else { throw .malformedHeader }
            }
            if let first = line.first, HeaderParameters.isBlank(first) {
                guard !lines.isEmpty else { throw .malformedHeader }
                lines[lines.count - 1] += line
            } else {
                lines.append(line)
            }
        }
        return lines
    }

    /// `charset'language'percent-encoded` of RFC 5987 3.2. Nil without its two apostrophes.
    private static func extendedValue(_ bytes: [UInt8]) -> String? {
        let apostrophe = UInt8(ascii: "'")
        guard let first = bytes.firstIndex(of: apostrophe),
            let second = bytes[(first + 1)...].firstIndex(of: apostrophe)
        else { return nil }
        let decoded = percentDecoded(bytes[(second + 1)...])
        guard HeaderParameters.lowercased(bytes[..<first]) != "iso-8859-1" else {
            return String(String.UnicodeScalarView(decoded.map(Unicode.Scalar.init)))
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            // A percent sign without two hexadecimal digits stands for itself.
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = hexadecimal(rest[rest.startIndex]), let low = hexadecimal(rest[rest.startIndex + 1])
            {
                result.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
