/// Where the media of a call goes and whose is taken: the address of SDP, or the one that a far end behind NAT really sends from
/// (symmetric RTP, RFC 4961).
package struct MediaPeer<Address: Equatable & Sendable>: Sendable {
    /// Where to send to.
    package private(set) var current: Address
    /// The address of the last SDP.
    private var signalled: Address
    private let isSymmetric: Bool
    /// Somebody sent something sound: nobody else is listened to from then on.
    private var isSettled = false

    /// - Parameters:
    ///   - signalled: the far end's address in SDP.
    ///   - isSymmetric: whether the first sender of something sound is believed. Otherwise only `signalled` is.
    package init(signalled: Address, isSymmetric: Bool) {
        current = signalled
        self.signalled = signalled
        self.isSymmetric = isSymmetric
    }

    /// Whether what came from `address` is the far end's.
    /// - Parameter isSound: whether it is what is expected (an RTP packet of the codec, UDPTL, or authenticated SRTP): only that settles where
    ///   the far end is.
    package mutating func accepts(from address: Address, isSound: Bool) -> Bool {
        guard isSymmetric else { return address == signalled }
        guard !isSettled else { return address == current }
        guard isSound else { return address == signalled }
        current = address
        isSettled = true
        return true
    }

    /// A later SDP: if it names another address than the last one, the far end is looked for anew.
    package mutating func signal(_ address: Address) {
        guard address != signalled else { return }
        signalled = address
        current = address
        isSettled = false
    }
}
