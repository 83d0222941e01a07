/// Why a `multipart/form-data` body was refused. No case carries a byte of the body.
package enum MultipartError: Error, Sendable, Hashable {
    /// The request's Content-Type is not `multipart/form-data`.
    case notMultipart
    /// The boundary parameter is missing, empty, longer than 70 characters, or has a character outside RFC 2046 5.1.1.
    case invalidBoundary
    /// More bytes before the first delimiter than ``MultipartParser/Limits/maximumHeaderBytes``.
    case preambleTooLong
    /// A delimiter line has something after the boundary that is neither `--` nor blanks and CRLF.
    case malformedDelimiter
    /// More parts than ``MultipartParser/Limits/maximumParts``.
    case tooManyParts(limit: Int)
    /// The header fields of one part are longer than ``MultipartParser/Limits/maximumHeaderBytes``.
    case headersTooLarge(limit: Int)
    /// A header field of a part breaks the grammar (name, control byte, quotes, repeated parameter).
    case malformedHeader
    /// A part has no `Content-Disposition: form-data` with a name (RFC 7578 4.2).
    case missingName
    /// A part has a Content-Transfer-Encoding other than 7bit, 8bit or binary (RFC 7578 4.7 deprecates the field).
    case unsupportedTransferEncoding
    /// The body ended before its closing delimiter.
    case truncated

    /// One sentence for the client.
    package var message: String {
        switch self {
        case .notMultipart: "The request body must be multipart/form-data."
        case .invalidBoundary: "The Content-Type has no valid multipart boundary."
        case .preambleTooLong: "The multipart body does not begin with its boundary."
        case .malformedDelimiter: "A multipart boundary line is malformed."
        case .tooManyParts(let limit): "The form has more than \(limit) parts."
        case .headersTooLarge(let limit): "The header fields of a form part are longer than \(limit) bytes."
        case .malformedHeader: "A header field of a form part is malformed."
        case .missingName: "A form part has no Content-Disposition with a name."
        case .unsupportedTransferEncoding: "A form part has a Content-Transfer-Encoding; send it as it is."
        case .truncated: "The multipart body ended before its closing boundary."
        }
    }
}
