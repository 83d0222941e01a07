/// An IP address with a port, as media comes from.
package protocol MediaAddress: Equatable, Sendable {
    /// Whether the IP addresses are the same; ports do not matter.
    func isSameHost(as other: Self) -> Bool
    /// Whether the IP address is one of a local network: who names it in SDP is seen under another from outside. Loopback is not.
    var isPrivate: Bool { get }
}

/// Where the media of a call goes and whose is taken: the address of SDP, or the one that a far end behind NAT really sends from
/// (symmetric RTP, RFC 4961).
///
/// Media carries no name, and who knows our port could send some: so another address than SDP's is believed only as far as NAT makes it
/// necessary. Another port of the same host is; another host only if SDP's is private, and then the one that the call's earlier media came
/// from before any other.
package struct MediaPeer<Address: MediaAddress>: Sendable {
    /// Where to send to.
    package private(set) var current: Address
    /// Where something sound came from, if anything has.
    package var settled: Address? { trust == nil ? nil : current }

    /// The address of the last SDP.
    private var signalled: Address
    private let isSymmetric: Bool
    /// Where the call's earlier media came from.
    private let earlier: Address?
    /// Why `current` is believed; nil as long as nothing sound came.
    private var trust: Trust?

    private enum Trust: Int {
        case anyone, earlierHost, signalledHost, signalled
    }

    /// - Parameters:
    ///   - signalled: the far end's address in SDP.
    ///   - isSymmetric: whether media may come from another address than `signalled`.
    ///   - earlier: where the call's media came from before it changed to another kind, if any came (``settled``).
    package init(signalled: Address, isSymmetric: Bool, earlier: Address? = nil) {
        current = signalled
        self.signalled = signalled
        self.isSymmetric = isSymmetric
        self.earlier = earlier
    }

    /// Whether what came from `address` is the far end's.
    /// - Parameter isSound: whether it is what is expected (an RTP packet of the codec, UDPTL, or authenticated SRTP): only that settles where
    ///   the far end is. What is more to be believed than the present address takes its place.
    package mutating func accepts(from address: Address, isSound: Bool) -> Bool {
        guard isSymmetric else { return address == signalled }
        guard let candidate = trust(in: address) else { return false }
        guard isSound else { return address == current || candidate == .signalled }
        if let trust, trust.rawValue >= candidate.rawValue { return address == current }
        current = address
        trust = candidate
        return true
    }

    /// Whether `address` is of the far end's host, as far as that is known: SDP's, or the one that media came from.
    package func isOfHost(_ address: Address) -> Bool {
        signalled.isSameHost(as: address) || settled?.isSameHost(as: address) == true
    }

    /// A later SDP: if it names another address than the last one, the far end is looked for anew.
    package mutating func signal(_ address: Address) {
        guard address != signalled else { return }
        signalled = address
        current = address
        trust = nil
    }

    private func trust(in address: Address) -> Trust? {
        if address == signalled { return .signalled }
        if address.isSameHost(as: signalled) { return .signalledHost }
        guard signalled.isPrivate else { return nil }
        guard let earlier else { return .anyone }
        return address.isSameHost(as: earlier) ? .earlierHost : nil
    }
}
