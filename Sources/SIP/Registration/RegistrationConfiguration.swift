/// What a ``Registration`` is told at its start.
package struct RegistrationConfiguration: Sendable {
    /// The registrar's domain: the Request-URI of REGISTER, without user part (RFC 3261 10.2).
    package var registrar: SIPURI
    /// Where REGISTER goes, the best first; each may have several addresses.
    package var destinations: [SIPDestination]
    /// The address of record: To and From, without tag. Not for logs.
    package var addressOfRecord: NameAddress
    /// The user part of our Contact; that of the address of record by default.
    package var contactUser: String?
    /// The answer to challenges, or nil for those of the agent.
    package var credentials: SIPCredentials?
    /// The life of a binding that is asked for, 60 s...1 day.
    package var lifetime = Duration.seconds(600)
    /// Whether Contact names the address that the registrar saw us at (Via `received` and `rport`, RFC 3581) when it
    /// differs from ours: for an agent behind NAT.
    package var usesObservedAddress = false
    /// The base of the waits between failures (RFC 5626 4.5).
    package var retryBase = Duration.seconds(30)
    /// The longest wait between failures.
    package var retryLimit = Duration.seconds(1_800)

    /// Builds a configuration.
    package init(
        registrar: SIPURI, destinations: [SIPDestination], addressOfRecord: NameAddress, credentials: SIPCredentials? = nil
    ) {
        self.registrar = registrar
        self.destinations = destinations
        self.addressOfRecord = addressOfRecord
        self.credentials = credentials
    }
}

/// How a registration stands.
package enum RegistrationState: Sendable, Equatable {
    /// The registrar has our Contact and will keep it that long from now on; it is refreshed before.
    case registered(for: Duration)
    /// No registrar took it: the last one's final status, or nil when none answered; the next try begins after `retryIn`.
    /// A binding made before stands until its life is over. 401, 403 and 407 mean that username or password are wrong.
    case failed(status: Int?, retryIn: Duration)
    /// It was stopped, and the Contact removed if the registrar could be reached.
    case unregistered
}
