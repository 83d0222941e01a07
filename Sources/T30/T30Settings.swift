import CSpanDSP

/// What a ``FaxTerminal`` is to do, fixed for a call.
package struct T30Settings: Sendable, Equatable {
    /// The pages.
    package enum Document: Sendable, Equatable {
        /// Send the TIFF-F file (RFC 2306) at `path` from page `firstPage`, 0 first.
        case send(path: String, firstPage: Int)
        /// Write what comes to a TIFF file at `path`, which is emptied.
        case receive(path: String)
    }

    /// Whether this side placed the call.
    package var isCaller: Bool
    package var document: Document
    /// CSI or TSI, T.30 5.3.6.2.4: digits, `+` and spaces, the first 20 of them are used.
    package var identifier: String
    /// Error correction mode (T.30 annex A), and with it T.6 on the line.
    package var errorCorrection = true
    /// The fastest that may be used, bit/s. Below 14,400 V.17 is left out, so that 9,600 is the highest; below 9,600
    /// V.29 too.
    package var maximumBitRate = 14400
    /// Whether a receiver takes more than standard resolution.
    package var takesFine = true
    /// What the machine that is called must call itself, as ``StationIdentifier`` compares it; nil: anything. Where it does not, a sender
    /// ends the call before its first command (DCS).
    package var expectedStation: String?
    /// A sender: pages of each of the file's documents, in order, all of the file together; empty: one document. Each but the last ends with
    /// EOM (T.30 5.3.6.1.6), after which both machines negotiate anew for the next.
    package var documents: [Int] = []

    package init(isCaller: Bool, document: Document, identifier: String = "") {
        self.isCaller = isCaller
        self.document = document
        self.identifier = String(
            String.UnicodeScalarView(
                identifier.unicodeScalars.filter { "+0123456789 ".unicodeScalars.contains($0) }.prefix(20)))
    }

    /// The first page of the document that this call deals with.
    var firstPage: Int {
        if case .send(_, let firstPage) = document { firstPage } else { 0 }
    }

    /// The last page, counted in the file, of the document that `page` belongs to; nil where it is that of the file.
    func lastPage(ofDocumentWith page: Int) -> Int? {
        var end = 0
        for pages in documents.dropLast() {
            end += max(0, pages)
            if page < end { return end - 1 }
        }
        return nil
    }

    var compressions: Int32 {
        let base = Int32(T30_SUPPORT_T4_1D_COMPRESSION) | Int32(T30_SUPPORT_T4_2D_COMPRESSION)
        return errorCorrection ? base | Int32(T30_SUPPORT_T6_COMPRESSION) : base
    }

    var modems: Int32 {
        var modems = Int32(T30_SUPPORT_V27TER)
        if maximumBitRate >= 9600 { modems |= Int32(T30_SUPPORT_V29) }
        if maximumBitRate >= 14400 { modems |= Int32(T30_SUPPORT_V17) }
        return modems
    }

    /// Standard, fine and superfine; all three have 1,728 elements on a line of 215 mm.
    var resolutions: Int32 {
        let base = Int32(T30_SUPPORT_STANDARD_RESOLUTION) | Int32(T30_SUPPORT_R8_RESOLUTION)
        return takesFine ? base | Int32(T30_SUPPORT_FINE_RESOLUTION) | Int32(T30_SUPPORT_SUPERFINE_RESOLUTION) : base
    }

    static let imageSizes =
        Int32(T30_SUPPORT_215MM_WIDTH) | Int32(T30_SUPPORT_A4_LENGTH) | Int32(T30_SUPPORT_US_LETTER_LENGTH)
        | Int32(T30_SUPPORT_US_LEGAL_LENGTH) | Int32(T30_SUPPORT_UNLIMITED_LENGTH)
}
