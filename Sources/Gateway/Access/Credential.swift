import HTTPTypes
import Hummingbird

/// What a request shows to say who it is.
enum Credential: Sendable {
    case none
    /// An API key.
    case key(String)
    /// A bearer token that is no API key (RFC 6750, 2.1).
    case token(String)

    /// `X-API-Key` goes before `Authorization: Bearer`, which may carry an API key too.
    init(_ request: Request) {
        if let key = request.headers[.apiKey], !key.isEmpty {
            self = .key(key)
            return
        }
        guard let field = request.headers[.authorization] else {
            self = .none
            return
        }
        let scheme = "bearer "
        let text = field.dropFirst(scheme.count).drop { $0 == " " }
        guard field.prefix(scheme.count).lowercased() == scheme, !text.isEmpty else {
            // Somebody says who he is in a way that is not known here: not the same as saying nothing.
            self = .key("")
            return
        }
        self =
            text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false).count == 3
            ? .token(String(text)) : .key(String(text))
    }
}
