import HTTPTypes
import Hummingbird

/// What a client calls a request by, so that it can be repeated without a second fax
/// (draft-ietf-httpapi-idempotency-key-header-07, 2.1).
struct IdempotencyKey: Sendable, Hashable {
    let text: String

    /// The header of a request; nil where there is none.
    ///
    /// The draft has a string of structured fields (RFC 9651 3.3.3), in quotes; most clients send the bare text, which is the same key.
    /// - Throws: a 400 ``Problem`` where it is neither, empty, longer than 255 characters or there twice.
    static func read(_ request: Request) throws(Problem) -> IdempotencyKey? {
        let values = request.headers[values: .idempotencyKey]
        guard let value = values.first else { return nil }
        guard values.count == 1, let key = IdempotencyKey(value) else {
            throw Problem(
                .badRequest, "The header Idempotency-Key must be 1 to 255 visible ASCII characters, or a quoted string of these.",
                closesConnection: true)
        }
        return key
    }

    init?(_ value: String) {
        let bytes = Array(value.utf8)
        let text = bytes.first == UInt8(ascii: "\"") ? Self.unquoted(bytes.dropFirst()) : bytes
        guard let text, (1...255).contains(text.count), text.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.text = String(decoding: text, as: UTF8.self)
    }

    /// The rest of a quoted string, in which a backslash stands before a quote or a backslash. Parameters after it mean nothing here.
    private static func unquoted(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                return rest.isEmpty || rest.first == UInt8(ascii: ";") ? text : nil
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else { return nil }
                text.append(escaped)
            default: text.append(byte)
            }
        }
        return nil
    }
}
