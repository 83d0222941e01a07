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
    /// RFC 7239.
    static let forwarded = HTTPField.Name(unchecked: "Forwarded")
    /// What a client calls a request by.
    static let idempotencyKey = HTTPField.Name(unchecked: "Idempotency-Key")
    /// That the answer is that of an earlier request.
    static let idempotencyReplayed = HTTPField.Name(unchecked: "Idempotency-Replayed")
    /// The last event that a stream's reader has.
    static let lastEventID = HTTPField.Name(unchecked: "Last-Event-ID")
    /// To nginx: pass on what comes when it comes.
    static let accelBuffering = HTTPField.Name(unchecked: "X-Accel-Buffering")
    /// RFC 8288.
    static let link = HTTPField.Name(unchecked: "Link")
}

extension HTTPField.Name {
    /// A name that is known to be a token of RFC 9110.
    fileprivate init(unchecked name: String) {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is not a header name") }
        self = field
    }
}
