/// What came of posting a message once.
package enum WebhookAnswer: Sendable, Hashable {
    /// The receiver's status, and for how long it asks not to be called.
    case status(Int, retryAfter: Duration?)
    /// There was no answer.
    case failed(WebhookFailure)

    var status: Int? {
        if case .status(let status, _) = self { status } else { nil }
    }

    /// For lists of deliveries.
    var word: String? {
        if case .failed(let failure) = self { failure.rawValue } else { nil }
    }
}

/// Why there was no answer.
package enum WebhookFailure: String, Sendable, Hashable, CaseIterable {
    /// The URL cannot be used.
    case url = "url_refused"
    /// The name leads nowhere.
    case name = "name_not_found"
    /// One of the addresses of the name is one that must not be called.
    case address = "address_refused"
    case connection = "connection_failed"
    /// The certificate is not trusted, or is for another name.
    case tls = "tls_failed"
    /// No whole answer in time.
    case timeout = "timeout"
    /// The server stops; the message is posted again after the next start.
    case stopped = "stopped"
}
