import HTTPTypes

extension HTTPField.Name {
    /// The header of the contract that carries the key.
    static let apiKey = HTTPField.Name(unchecked: "X-API-Key")
    /// Why a document is opened.
    static let accessReason = HTTPField.Name(unchecked: "X-Access-Reason")
    /// What Asterisk shows.
    static let internalSecret = HTTPField.Name(unchecked: "X-Internal-Secret")
    /// Whom a proxy forwards for.
    static let forwardedFor = HTTPField.Name(unchecked: "X-Forwarded-For")
}

extension HTTPField.Name {
    /// A name that is known to be a token of RFC 9110.
    fileprivate init(unchecked name: String) {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is not a header name") }
        self = field
    }
}
