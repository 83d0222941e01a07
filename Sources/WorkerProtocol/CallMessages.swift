/// What the gateway tells a line worker (`faxlock-line`): one fax call, one process.
///
/// The worker has the pages to send on descriptor 0 (a TIFF-F file, or `/dev/null` on a receiver) and this conversation, both
/// directions, on descriptor 1. It leaves when the conversation ends.
package enum CallCommand: Codable, Sendable, Equatable {
    /// First message: set up T.30, bind the media socket, answer with ``CallEvent/ready(_:)``.
    case start(CallSetup)
    /// The session is T.38 from now on (the re-INVITE was answered): start the T.30 exchange over UDPTL.
    case startT38(T38Session)
    /// The far end hung up or the gateway wants to: finish T.30 and report ``CallEvent/ended(_:)``.
    case hangUp
}

/// The fixed facts of a call.
package struct CallSetup: Codable, Sendable, Equatable {
    /// Whether this side placed the call (and so sends CNG and waits for DIS).
    package var isCaller: Bool
    /// Whether pages go out (true) or come in.
    package var isSending: Bool
    /// T.30 station identification (CSI/TSI): at most 20 of `+`, digits and spaces.
    package var stationIdentifier: String
    /// First page to send, from 0: above 0 when an earlier attempt confirmed some.
    package var firstPage: Int
    /// The local address on which the media socket is bound, in dotted or colon form.
    package var bindAddress: String
    /// Error correction mode (T.30 annex A) offered and used where the far end has it.
    package var errorCorrection: Bool
    /// Send data as fast as the far end takes it, not at modem speed. Only between the two ends of a loopback.
    package var isUnpaced: Bool
    /// The worker kills its call after this many seconds.
    package var deadlineSeconds: Int

    package init(
        isCaller: Bool, isSending: Bool, stationIdentifier: String, firstPage: Int = 0, bindAddress: String = "127.0.0.1",
        errorCorrection: Bool = true, isUnpaced: Bool = false, deadlineSeconds: Int = 3600
    ) {
        self.isCaller = isCaller
        self.isSending = isSending
        self.stationIdentifier = stationIdentifier
        self.firstPage = firstPage
        self.bindAddress = bindAddress
        self.errorCorrection = errorCorrection
        self.isUnpaced = isUnpaced
        self.deadlineSeconds = deadlineSeconds
    }
}

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
    /// Earlier IFP packets repeated in each datagram; 0 when the far end takes no redundancy.
    package var redundancy: Int

    package init(
        peerAddress: String, peerPort: UInt16, version: Int = 0, maximumBitRate: Int = 14400, maximumDatagram: Int = 400,
        redundancy: Int = 3
    ) {
        self.peerAddress = peerAddress
        self.peerPort = peerPort
        self.version = version
        self.maximumBitRate = maximumBitRate
        self.maximumDatagram = maximumDatagram
        self.redundancy = redundancy
    }
}

/// What a line worker reports.
package enum CallEvent: Codable, Sendable, Equatable {
    /// The media socket is bound to this UDP port.
    case ready(port: UInt16)
    /// T.30 phase B ended: the far end is a fax machine and both agreed on how to talk.
    case negotiated(Negotiation)
    /// A page was confirmed by the far end (sending) or received and confirmed (receiving; its ``Frame/Kind/page`` frame came before).
    case page(PageReport)
    /// The call is over. Nothing follows.
    case ended(CallEnd)
}

/// How both fax machines agreed to talk.
package struct Negotiation: Codable, Sendable, Equatable {
    /// The far end's station identification, possibly empty.
    package var remoteIdentifier: String
    /// Bit/s.
    package var bitRate: Int
    package var errorCorrection: Bool

    package init(remoteIdentifier: String, bitRate: Int, errorCorrection: Bool) {
        self.remoteIdentifier = remoteIdentifier
        self.bitRate = bitRate
        self.errorCorrection = errorCorrection
    }
}

/// One page's result.
package struct PageReport: Codable, Sendable, Equatable {
    /// From 0, counted in the document (so a resumed call starts above 0).
    package var page: Int
    /// Bit/s.
    package var bitRate: Int
    package var errorCorrection: Bool
    /// Scan lines that arrived damaged (receiving, without ECM).
    package var badRows: Int
    /// ECM blocks or pages sent again.
    package var retries: Int

    package init(page: Int, bitRate: Int, errorCorrection: Bool, badRows: Int, retries: Int) {
        self.page = page
        self.bitRate = bitRate
        self.errorCorrection = errorCorrection
        self.badRows = badRows
        self.retries = retries
    }
}

/// The end of a call as T.30 saw it (phase E).
package struct CallEnd: Codable, Sendable, Equatable {
    /// libspandsp's `T30_ERR_*`: 0 is success, see engine part of docs/line.md.
    package var code: Int
    /// The same in words, without anything from the far end in it.
    package var meaning: String
    /// Pages that were confirmed in this call.
    package var pages: Int
    package var remoteIdentifier: String
    package var bitRate: Int
    package var errorCorrection: Bool

    package init(code: Int, meaning: String, pages: Int, remoteIdentifier: String, bitRate: Int, errorCorrection: Bool) {
        self.code = code
        self.meaning = meaning
        self.pages = pages
        self.remoteIdentifier = remoteIdentifier
        self.bitRate = bitRate
        self.errorCorrection = errorCorrection
    }
}
