/// What a ``FaxTerminal`` reports.
package enum T30Event: Sendable, Equatable {
    /// The far end showed itself in the audio, once for each signal.
    case heard(T30Signal)
    /// Both machines agreed on how to talk, anew after a change.
    case negotiated(T30Negotiation)
    /// A page was confirmed by the far end; or it came, and its confirmation waits for ``FaxTerminal/confirmPage()``.
    case page(T30PageResult)
    /// A receiver: the document that came so far is whole, and the call goes on with another.
    case documentBegan
    /// Phase E, the last event: a code of ``T30Result`` and the pages confirmed in this call.
    case ended(code: Int, pages: Int)
}

/// A tone or carrier by which a fax machine shows itself (ITU-T T.30 4).
package enum T30Signal: Sendable, Hashable {
    /// 1,100 Hz of a calling machine.
    case cng
    /// 2,100 Hz of a called machine.
    case ced
    /// Flags of V.21, the carrier of T.30's commands.
    case v21
}

/// How the machines talk.
package struct T30Negotiation: Sendable, Equatable {
    /// CSI or TSI of the far end: printable ASCII, possibly empty.
    package let remoteIdentifier: String
    /// Bit/s.
    package let bitRate: Int
    package let errorCorrection: Bool
}

/// How a page went.
package struct T30PageResult: Sendable, Equatable {
    /// From 0, counted in the document.
    package let page: Int
    /// Bit/s.
    package let bitRate: Int
    package let errorCorrection: Bool
    /// Rows that came damaged; 0 with error correction.
    package let badRows: Int
    /// ECM frames that were sent again.
    package let retries: Int
    /// Whether the document ends with it: the command after it was EOP (PRI-EOP, PPS-EOP), or a sender has no more.
    package let isLast: Bool
}

extension String {
    /// Without the spaces at both ends.
    var trimmingSpaces: String {
        let start = drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
        return String(start[...last])
    }
}
