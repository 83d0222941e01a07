package import Access
package import FaxModel
package import SIP

/// A SIP trunk: where calls go and come from, and what they may carry.
package struct Trunk: Sendable {
    /// How faxes and logs name it: 1 to 32 of `a` to `z`, `0` to `9` and `-`.
    package var name: String
    /// Where its requests go first.
    package var server: SIPDestination
    /// The domain of our address and of those we call, in SIP URIs.
    package var domain: String
    /// nil for a trunk that knows us by our address.
    package var credentials: SIPCredentials?
    /// The user of our address, where it is not the first number.
    package var user: String?
    /// Whether calls come only to who has registered.
    package var registers = false
    /// What a registration asks for.
    package var registrationTime = Duration.seconds(600)
    /// How often the server is asked whether it is there; nil: never.
    package var keepAlive: Duration? = .seconds(30)
    /// The numbers that it brings; the first is our caller number.
    package var numbers: [PhoneNumber] = []
    /// The address and port of signalling; media has the same address.
    package var bindHost = "0.0.0.0"
    package var bindPort = 0
    /// The address that the far end sees, where that is another one (NAT).
    package var advertisedHost: String?
    package var media = MediaPolicy()
    package var tls: SIPTLSConfiguration?
    /// Who may send calls, beside the server itself.
    package var acceptFrom: [AddressRange] = []
    /// Calls at one time, both ways.
    package var maximumCalls = 30
    /// Calls that may begin within a second, above 0.
    package var callsPerSecond = 5.0

    package init(name: String, server: SIPDestination, domain: String) {
        self.name = name
        self.server = server
        self.domain = domain
    }

    /// The caller's address (From), without tag.
    package var caller: NameAddress {
        NameAddress(uri: SIPURI(user: user ?? numbers.first?.dialString ?? "anonymous", host: domain))
    }

    /// How calls out by this trunk are made.
    /// - Parameters:
    ///   - address: the local one of media.
    ///   - stationIdentifier: T.30's, as the settings have it; nil for the trunk's first number.
    package func calling(from address: String, stationIdentifier: String?) -> OwnLine.Configuration {
        OwnLine.Configuration(
            stationIdentifier: stationIdentifier ?? numbers.first?.dialString ?? "", destination: server, domain: domain, caller: caller,
            address: address, media: media)
    }
}
