/// What the gateway tells a line worker (`faxlock-line`): one fax call, one process.
///
/// The worker has the pages to send on descriptor 0 (a TIFF-F file, or `/dev/null` on a receiver) and this conversation, both
/// directions, on descriptor 1. When the conversation ends it leaves: a sender in good order, after the page under way.
package enum CallCommand: Codable, Sendable, Equatable {
    /// With this message comes, as its ancillary data (SCM_RIGHTS), the descriptor of the call's record, see ``CallRecordEntry``. Only before
    /// ``start(_:)``.
    case record
    /// First message, or second: set up T.30, bind the media socket, answer with ``CallEvent/ready(_:)``.
    case start(CallSetup)
    /// The call was answered as G.711 audio: start the T.30 exchange over RTP. A second one changes where RTP goes.
    case startAudio(AudioSession)
    /// The session is T.38 from now on (the re-INVITE was answered): start the T.30 exchange over UDPTL. One that began over audio and has
    /// confirmed no page starts anew.
    case startT38(T38Session)
    /// The received page that waits is durable: its confirmation may leave. A receiver confirms no page without this.
    case pageStored
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
    /// The UDP ports that the media socket may have, as a firewall lets them pass; 0 and 0: the kernel chooses.
    package var firstPort: UInt16
    package var lastPort: UInt16
    /// Error correction mode (T.30 annex A) offered and used where the far end has it.
    package var errorCorrection: Bool
    /// The fastest that may be used, bit/s: below 14,400 V.17 is left out, below 9,600 V.29 too.
    package var maximumBitRate: Int
    /// Send data as fast as the far end takes it, not at modem speed. Only between the two ends of a loopback.
    package var isUnpaced: Bool
    /// The worker kills its call after this many seconds.
    package var deadlineSeconds: Int
    /// What the machine that is called must call itself, else the call ends before anything is sent; nil: anything.
    package var expectedStation: String?
    /// Whether a receiver takes more than standard resolution: not at some far ends of the sandbox.
    package var takesFine = true
    /// How many trainings of the modem fail at a receiver: at far ends of the sandbox.
    package var failedTrainings = 0
    /// A sender: pages of each of the file's documents, in order, all of the file together; empty: one document. After the last page of each
    /// comes EOM, or EOP (T.30 5.3.6.1.6).
    package var documents: [Int] = []

    package init(
        isCaller: Bool, isSending: Bool, stationIdentifier: String, firstPage: Int = 0, bindAddress: String = "127.0.0.1",
        firstPort: UInt16 = 0, lastPort: UInt16 = 0, errorCorrection: Bool = true, maximumBitRate: Int = 14400, isUnpaced: Bool = false,
        deadlineSeconds: Int = 3600
    ) {
        self.isCaller = isCaller
        self.isSending = isSending
        self.stationIdentifier = stationIdentifier
        self.firstPage = firstPage
        self.bindAddress = bindAddress
        self.firstPort = firstPort
        self.lastPort = lastPort
        self.errorCorrection = errorCorrection
        self.maximumBitRate = maximumBitRate
        self.isUnpaced = isUnpaced
        self.deadlineSeconds = deadlineSeconds
    }
}
