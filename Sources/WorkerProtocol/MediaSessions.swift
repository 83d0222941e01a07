/// What SDP negotiated for T.38 (ITU-T T.38 (11/2015) annex D).
package struct T38Session: Codable, Sendable, Equatable {
    /// Where UDPTL datagrams go.
    package var peerAddress: String
    package var peerPort: UInt16
    /// `T38FaxVersion`: the lower of both.
    package var version: Int
    /// `T38MaxBitRate` of the far end, bit/s.
    package var maximumBitRate: Int
    /// `T38FaxMaxDatagram` of the far end, bytes of a whole UDPTL datagram.
    package var maximumDatagram: Int
    /// `T38FaxMaxBuffer` of the far end: bytes of a page that it can hold before they are due; nil where it did not say.
    package var maximumBuffer: Int?
    /// Earlier IFP packets repeated in each datagram; 0 when the far end takes no redundancy.
    package var redundancy: Int
    /// Parity (FEC, T.38 9.1.4.2) in place of repetition, where the far end asked for it.
    package var isParity: Bool
    /// Send to where the far end's datagrams come from, once a sound one has come: for far ends behind NAT.
    package var isSymmetric: Bool

    package init(
        peerAddress: String, peerPort: UInt16, version: Int = 0, maximumBitRate: Int = 14400, maximumDatagram: Int = 400,
        maximumBuffer: Int? = nil, redundancy: Int = 3, isParity: Bool = false, isSymmetric: Bool = false
    ) {
        self.peerAddress = peerAddress
        self.peerPort = peerPort
        self.version = version
        self.maximumBitRate = maximumBitRate
        self.maximumDatagram = maximumDatagram
        self.maximumBuffer = maximumBuffer
        self.redundancy = redundancy
        self.isParity = isParity
        self.isSymmetric = isSymmetric
    }
}

/// What SDP negotiated for fax over G.711 (RFC 3551, ITU-T G.711).
package struct AudioSession: Codable, Sendable, Equatable {
    /// Companding law.
    package enum Codec: String, Codable, Sendable, Equatable {
        case pcmu, pcma
    }

    /// Keys of SRTP with AES_CM_128_HMAC_SHA1_80 (RFC 4568 6.2.1), each 16 bytes of key and 14 of salt.
    package struct Keys: Codable, Sendable, Equatable {
        /// Of what this side sends.
        package var local: [UInt8]
        /// Of what it receives.
        package var remote: [UInt8]

        package init(local: [UInt8], remote: [UInt8]) {
            self.local = local
            self.remote = remote
        }
    }

    /// Where RTP goes.
    package var peerAddress: String
    package var peerPort: UInt16
    package var codec: Codec
    /// nil for RTP in the clear.
    package var keys: Keys?
    /// Send to where the far end's packets come from, once one has come (symmetric RTP, RFC 4961): for far ends behind NAT.
    package var isSymmetric: Bool

    package init(peerAddress: String, peerPort: UInt16, codec: Codec, keys: Keys? = nil, isSymmetric: Bool = false) {
        self.peerAddress = peerAddress
        self.peerPort = peerPort
        self.codec = codec
        self.keys = keys
        self.isSymmetric = isSymmetric
    }
}
