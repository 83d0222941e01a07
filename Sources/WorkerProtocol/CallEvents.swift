/// What a line worker reports.
package enum CallEvent: Codable, Sendable, Equatable {
    /// The media socket is bound to this UDP port.
    case ready(port: UInt16)
    /// A fax machine was heard over audio, each signal once: what a side waits for before it offers T.38.
    case heard(FaxSignal)
    /// T.30 phase B ended: the far end is a fax machine and both agreed on how to talk.
    case negotiated(Negotiation)
    /// A page was confirmed by the far end (sending) or received and confirmed (receiving; its ``Frame/Kind/page`` frame came before).
    case page(PageReport)
    /// Receiving: the pages so far are a whole document (EOM, T.30 5.3.6.1.6), and those that follow are another.
    case documentBegan
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
    /// From 0, counted in the file: a resumed call starts above 0, and where a call has several documents they follow each other.
    package var page: Int
    /// Bit/s.
    package var bitRate: Int
    package var errorCorrection: Bool
    /// Scan lines that arrived damaged (receiving, without ECM).
    package var badRows: Int
    /// ECM blocks or pages sent again.
    package var retries: Int
    /// Whether the document ends with this page (EOP): what is confirmed with it is the whole fax.
    package var isLast: Bool

    package init(page: Int, bitRate: Int, errorCorrection: Bool, badRows: Int, retries: Int, isLast: Bool = false) {
        self.page = page
        self.bitRate = bitRate
        self.errorCorrection = errorCorrection
        self.badRows = badRows
        self.retries = retries
        self.isLast = isLast
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
    /// How the fax went: over T.38 or over G.711 audio; nil when neither came to be.
    package var medium: FaxMedium?
    /// The T.30 frames of the call in order, the last ``FrameTrace/maximum`` of them.
    package var trace: [FrameTrace]
    /// How late the worker's clock ran; nil when it never ran.
    package var lateness: TickLateness?

    package init(
        code: Int, meaning: String, pages: Int, remoteIdentifier: String, bitRate: Int, errorCorrection: Bool, medium: FaxMedium? = nil,
        trace: [FrameTrace] = [], lateness: TickLateness? = nil
    ) {
        self.code = code
        self.meaning = meaning
        self.pages = pages
        self.remoteIdentifier = remoteIdentifier
        self.bitRate = bitRate
        self.errorCorrection = errorCorrection
        self.medium = medium
        self.trace = trace
        self.lateness = lateness
    }
}

/// What carries a fax call.
package enum FaxMedium: String, Codable, Sendable, Equatable {
    case t38, audio
}

/// A tone or carrier by which a fax machine shows itself (ITU-T T.30 4).
package enum FaxSignal: String, Codable, Sendable, Equatable {
    /// 1,100 Hz of a calling machine.
    case cng
    /// 2,100 Hz of a called machine.
    case ced
    /// Flags of V.21, the carrier of T.30's commands.
    case v21
}

/// One T.30 frame of a call, for those who must find out why it failed. Frames that carry numbers or names (TSI, CSI, SUB, PWD, NSF, ...) show
/// their kind and length only.
package struct FrameTrace: Codable, Sendable, Equatable {
    /// Frames that a worker keeps.
    package static let maximum = 4096

    /// Since the worker's `start`.
    package var milliseconds: Int
    package var isIncoming: Bool
    /// `DIS`, `DCS`, `CFR`, ... (T.30 5.3.6); the octet in hexadecimal digits when it is none of them.
    package var name: String
    /// Octets of the whole frame.
    package var length: Int
    /// What was agreed or counted in it, such as `V.17 14400 ECM fine`; mostly empty.
    package var note: String

    package init(milliseconds: Int, isIncoming: Bool, name: String, length: Int, note: String = "") {
        self.milliseconds = milliseconds
        self.isIncoming = isIncoming
        self.name = name
        self.length = length
        self.note = note
    }
}

/// How late a worker's ticks came, microseconds.
package struct TickLateness: Codable, Sendable, Equatable {
    package var ticks: Int
    package var p50: Int
    package var p99: Int
    package var maximum: Int

    package init(ticks: Int, p50: Int, p99: Int, maximum: Int) {
        self.ticks = ticks
        self.p50 = p50
        self.p99 = p99
        self.maximum = maximum
    }
}
