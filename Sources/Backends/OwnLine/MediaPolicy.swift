import FaxModel
package import SIP
import Telefax

/// What a line lets its calls carry, and how.
package struct MediaPolicy: Sendable, Equatable {
    /// The G.711 laws to offer, best first.
    package var codecs: [AudioCodec] = [.pcmu, .pcma]
    /// Whether a fax may go over audio. The loopback goes as fast as it can, which audio cannot.
    package var carriesAudio = true
    /// Whether T.38 is offered and taken.
    package var allowsT38 = true
    /// Whether the called side offers T.38; else it waits for the caller's offer.
    package var offersAsCallee = true
    /// Earlier UDPTL packets to repeat, 0 to 8; every datagram keeps to the far end's limit.
    package var redundancy = T38Attributes.defaultRedundancy
    /// Ask for parity (FEC) in place of repetition in offers of our own.
    package var asksForParity = false
    /// Bytes of a UDPTL datagram in place of the far end's word, for those whose word is wrong.
    package var maximumDatagram: Int?
    /// SRTP or nothing: T.38 has no encryption that anybody speaks, so it is refused then.
    package var isEncrypted = false
    /// Media goes to where it comes from (RFC 4961), for far ends behind NAT.
    package var isSymmetric = false
    /// Error correction mode (T.30 annex A).
    package var errorCorrection = true
    /// The fastest modulation, bit/s.
    package var maximumBitRate = 14400
    /// The address that the session description names; nil for the one that the worker is bound to.
    package var advertisedAddress: String?
    /// The UDP ports of media; 0 and 0: any.
    package var firstPort: UInt16 = 0
    package var lastPort: UInt16 = 0

    package init() {}

    /// Between the ends of the loopback: T.38 alone.
    package static var loopback: MediaPolicy {
        var policy = MediaPolicy()
        policy.carriesAudio = false
        return policy
    }

    var takesT38: Bool { allowsT38 && !isEncrypted }

    /// What a call may carry of it in `mode`. Where audio carries no fax, as between the ends of the loopback, T.38 remains.
    func limited(to mode: CallMode) -> MediaPolicy {
        var policy = self
        if mode.media == .audio, carriesAudio { policy.allowsT38 = false }
        policy.maximumBitRate = min(maximumBitRate, mode.maximumBitRate)
        policy.errorCorrection = errorCorrection && mode.errorCorrection
        return policy
    }
}
