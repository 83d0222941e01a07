import CSpanDSP

/// Tells a receiver where one document ends and the next begins in a call that brings several.
///
/// EOM (ITU-T T.30 5.3.6.1.6) says that a document ends and phase B comes again. Senders say it too where the resolution or the width of the
/// page changes in the middle of a document. So a DCS after EOM that asks for the format of the page before begins another document, and one
/// that asks for another format goes on with the same.
struct DocumentBoundary {
    /// Resolution, width and length as the last DCS has them.
    private var format: [UInt8] = []
    /// The last page ended with EOM, and no DCS came since.
    private var isAfterEnd = false

    /// A DCS came; when training fails it comes again, with another rate.
    /// - Returns: whether another document begins with it.
    mutating func follow(DCS frame: UnsafeBufferPointer<UInt8>) -> Bool {
        let last = format
        format = Self.format(of: frame)
        defer { isAfterEnd = false }
        return isAfterEnd && format == last
    }

    /// A page was read, and `command` came after it.
    mutating func follow(pageWithCommand command: UInt8) {
        isAfterEnd = command == UInt8(T30_EOM) || command == UInt8(T30_PRI_EOM)
    }

    /// Bits 15 (fine), 17 to 20 (width and length) and 41 to 43 (superfine, inches) of DCS (T.30 table 2); an octet that is not there says
    /// nothing.
    private static func format(of frame: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        func octet(_ number: Int, mask: UInt8) -> UInt8 { frame.count > number + 2 ? frame[number + 2] & mask : 0 }
        return [octet(2, mask: 0b0100_0000), octet(3, mask: 0b0000_1111), octet(6, mask: 0b0000_0111)]
    }
}
