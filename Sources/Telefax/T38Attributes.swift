package import WorkerProtocol

/// The `a=` lines of an `m=image ... udptl t38` section (ITU-T T.38 (11/2015) annex D, table D.1).
package struct T38Attributes: Sendable, Equatable {
    /// Who makes the training check (TCF).
    package enum RateManagement: Sendable, Equatable {
        /// The receiver's end of the line; the only one that is defined for UDP.
        case transferredTCF
        /// Each gateway on its own.
        case localTCF
    }

    /// How losses are repaired.
    package enum ErrorCorrection: Sendable, Equatable {
        case none, redundancy, parity
    }

    /// `T38FaxVersion`, 0 to 3 (3 only means that V.34 is possible).
    package var version = 0
    /// `T38MaxBitRate`, bit/s.
    package var maximumBitRate = 14400
    /// `T38FaxRateManagement`.
    package var rateManagement = RateManagement.transferredTCF
    /// `T38FaxMaxBuffer`, bytes; nil where it was not said.
    package var maximumBuffer: Int?
    /// `T38FaxMaxDatagram`, bytes: here the size of a whole UDPTL datagram, the stricter of the two readings that are
    /// about.
    package var maximumDatagram = 400
    /// `T38FaxUdpEC`. Absent or unknown is none.
    package var errorCorrection = ErrorCorrection.none
    /// `T38FaxFillBitRemoval`, `T38FaxTranscodingMMR`, `T38FaxTranscodingJBIG`: never offered by us.
    package var fillBitRemoval = false
    package var transcodingMMR = false
    package var transcodingJBIG = false

    package init() {}

    /// The datagram that we take: what a 1,500-byte MTU leaves after every tunnel.
    package static let ownMaximumDatagram = 1400
    /// Smaller limits are not believed: they cannot hold one packet of 30 ms at 14,400 bit/s.
    package static let smallestDatagram = 80
    /// Earlier packets repeated where the far end takes redundancy: a burst of 150 ms.
    package static let defaultRedundancy = 5

    /// What we offer on a new T.38 stream.
    package static var offer: T38Attributes {
        var own = T38Attributes()
        own.maximumDatagram = ownMaximumDatagram
        own.errorCorrection = .redundancy
        return own
    }

    /// What we answer to `offer`: the lower version, their rate management, the repair that they take, no transcoding.
    package static func answer(to offer: T38Attributes) -> T38Attributes {
        var own = T38Attributes.offer
        own.version = min(own.version, offer.version)
        own.maximumBitRate = min(own.maximumBitRate, offer.maximumBitRate)
        own.rateManagement = offer.rateManagement
        own.errorCorrection = offer.errorCorrection
        return own
    }

    /// The session that two sections agree on, whichever of them was the offer.
    ///
    /// - Parameters:
    ///   - own: the section that we sent.
    ///   - peer: the section that came.
    ///   - address: the peer's media address (`c=`).
    ///   - port: the peer's media port (`m=`).
    ///   - redundancy: the depth to use if both sides want it; every datagram keeps to the peer's limit.
    ///   - isSymmetric: whether to send to where the peer's datagrams come from.
    package static func session(
        own: T38Attributes, peer: T38Attributes, address: String, port: UInt16, redundancy: Int = defaultRedundancy,
        isSymmetric: Bool = false
    ) -> T38Session {
        let isRepaired = own.errorCorrection != .none && peer.errorCorrection != .none
        return T38Session(
            peerAddress: address, peerPort: port, version: min(own.version, peer.version),
            maximumBitRate: min(own.maximumBitRate, peer.maximumBitRate), maximumDatagram: peer.maximumDatagram,
            maximumBuffer: peer.maximumBuffer, redundancy: isRepaired ? redundancy : 0,
            isParity: isRepaired && peer.errorCorrection == .parity, isSymmetric: isSymmetric)
    }
}
