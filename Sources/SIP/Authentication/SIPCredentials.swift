/// A username and a password for challenges of servers (RFC 3261 22). No description, dump or log shows either.
package struct SIPCredentials: Sendable {
    /// The username as the server knows it. Often a number: not for logs.
    package let username: String
    /// The only realm whose challenges are answered; nil for any.
    package let realm: String?
    private let password: String

    /// Builds credentials.
    /// - Parameter realm: with it, a server of another name cannot make us compute digests of this password.
    package init(username: String, password: String, realm: String? = nil) {
        self.username = username
        self.password = password
        self.realm = realm
    }

    /// Whether challenges of that realm are answered. Realms are compared byte by byte (RFC 7616 3.3).
    func answers(realm other: String) -> Bool {
        realm.map { $0.utf8.elementsEqual(other.utf8) } ?? true
    }

    /// The hash of username, realm and password: A1 without session (RFC 7616 3.4.2).
    func secret(realm: String, algorithm: DigestAlgorithm) -> String {
        algorithm.hash("\(username):\(realm):\(password)".utf8)
    }
}

extension SIPCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing of the content.
    package var description: String { "SIPCredentials(redacted)" }
    /// Nothing of the content.
    package var debugDescription: String { description }
    /// Nothing of the content.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
