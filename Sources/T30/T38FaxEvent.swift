/// An IFP packet (ITU-T T.38 (11/2015) 7) to be sent.
package struct T38Packet: Sendable, Equatable {
    package let bytes: [UInt8]
    /// How many times the same datagram goes out: above 1 for indicators and for the end of a signal, on which the call
    /// hangs.
    package let repeats: Int
}

/// What a ``T38FaxTerminal`` reports.
package enum T38FaxEvent: Sendable, Equatable {
    /// Both machines agreed on how to talk, anew after a change.
    case negotiated(T38FaxNegotiation)
    /// A page was confirmed by the far end, or came and is about to be confirmed.
    case page(T38FaxPageResult)
    /// Phase E, the last event: a code of ``T30Result`` and the pages confirmed in this call.
    case ended(code: Int, pages: Int)
}

/// How the machines talk.
package struct T38FaxNegotiation: Sendable, Equatable {
    /// CSI or TSI of the far end: printable ASCII, possibly empty.
    package let remoteIdentifier: String
    /// Bit/s.
    package let bitRate: Int
    package let errorCorrection: Bool
}

/// How a page went.
package struct T38FaxPageResult: Sendable, Equatable {
    /// From 0, counted in the document.
    package let page: Int
    /// Bit/s.
    package let bitRate: Int
    package let errorCorrection: Bool
    /// Rows that came damaged; 0 with error correction.
    package let badRows: Int
    /// ECM frames that were sent again.
    package let retries: Int
}

extension String {
    /// Without the spaces at both ends.
    var trimmingSpaces: String {
        let start = drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
        return String(start[...last])
    }
}
