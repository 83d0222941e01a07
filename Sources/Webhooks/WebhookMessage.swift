/// A message as it is posted.
package struct WebhookMessage: Sendable {
    /// `webhook-id`.
    package let id: String
    /// Where to; it is read and looked up anew at each attempt.
    package let url: String
    package let body: String
    /// Those that are good now, the newest first.
    package let secrets: [WebhookSecret]
    /// Attempts that were made before.
    package let attempts: Int

    package init(id: String, url: String, body: String, secrets: [WebhookSecret], attempts: Int) {
        self.id = id
        self.url = url
        self.body = body
        self.secrets = secrets
        self.attempts = attempts
    }
}
