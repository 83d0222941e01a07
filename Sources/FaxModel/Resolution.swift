/// The resolution of a fax page, as ITU-T T.4 (07/2003) table 2 names it.
///
/// All three have the same 1,728 picture elements on a line of 215 mm; they differ in the lines to the millimetre.
package enum Resolution: String, Sendable, Hashable, Codable, CaseIterable {
    /// 3.85 lines/mm.
    case standard
    /// 7.7 lines/mm.
    case fine
    /// 15.4 lines/mm.
    case superfine

    /// Picture elements of one scan line: 1,728 on the 215 mm of an A4 or Letter page (T.4 section 2).
    package static let width = 1728

    /// Dots to the inch along a scan line (8.04 to the millimetre).
    package static let horizontalDotsPerInch = 204.0

    /// Scan lines to the inch. TIFF-F (RFC 2306) writes these as 98, 196 and 391.
    package var linesPerInch: Double {
        switch self {
        case .standard: 98
        case .fine: 196
        case .superfine: 391
        }
    }
}
