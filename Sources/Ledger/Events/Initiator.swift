/// Who caused an event, by which request, and why: what an auditor asks of each opening of a record (45 CFR 164.312(b)).
package struct Initiator: Sendable, Hashable {
    /// Kinds of callers.
    package enum Kind: String, Sendable, Hashable {
        /// The server by itself.
        case system
        /// An API key.
        case key
        /// A person who signed in by OIDC.
        case person
        /// Whoever has a link to a document.
        case link
        /// A call that came in, or a provider that calls back.
        case carrier
        /// A caller who has shown nothing that is good.
        case anonymous
    }

    package let kind: Kind
    /// The key's id, the pseudonym of a person, ...; empty for the system.
    package let id: String
    /// How it reached the server: `api`, `cli`, `line`, ...
    package let client: String
    /// The caller's IP address, where there is one.
    package let address: String?
    /// Why content was opened: an ``AccessReason`` in words.
    package let reason: String?
    /// By which the request is found in the log.
    package let requestID: String?

    package init(
        _ kind: Kind, id: String = "", client: String = "", address: String? = nil, reason: String? = nil, requestID: String? = nil
    ) {
        self.kind = kind
        self.id = id
        self.client = client
        self.address = address
        self.reason = reason
        self.requestID = requestID
    }

    /// The server by itself.
    package static let system = Initiator(.system)
}
