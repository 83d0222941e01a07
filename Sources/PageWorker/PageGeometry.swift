import FaxModel
import WorkerProtocol

/// How a page of some size lies on the fax page: 215 mm wide, any length.
///
/// A page keeps its true size where it fits. It is turned when it is wider than the fax and wider than tall, shrunk
/// when it is too wide, and shrunk when it is a little too long for A4 below the header line; longer ones (legal,
/// receipts) stay long.
struct PageGeometry: Hashable {
    /// Turned by 90 degrees, clockwise.
    let isTurned: Bool
    /// Picture elements of its width, at most 1,728; the rest is white on both sides.
    let width: Int
    /// Rows of the page.
    let rows: Int

    /// White picture elements at its left.
    var margin: Int { (Resolution.width - width) / 2 }

    /// The width of the fax page in points of 1/72 inch.
    static let faxWidth = Double(Resolution.width) * 72 / Resolution.horizontalDotsPerInch
    /// A4 without the header line, 16 lines of standard resolution that come on top of the page.
    static let usualLength = 297 / 25.4 * 72 - 16.0 / 98 * 72
    /// Three A4 pages.
    static let greatestLength = 3 * 297 / 25.4 * 72
    /// A page is shrunk to the usual length down to this scale.
    static let leastShrinking = 0.85

    /// - Parameters:
    ///   - wide: points.
    ///   - tall: points.
    ///   - mayTurn: false where the size is not a true one.
    init(
        wide: Double, tall: Double, resolution: Resolution, page: Int, mayTurn: Bool = true
    ) throws(PageFailure) {
        guard wide.isFinite, tall.isFinite, wide > 0, tall > 0, wide < 1e7, tall < 1e7 else {
            throw PageFailure(code: .broken, message: "Page \(page) has no size.", page: page)
        }
        isTurned = mayTurn && wide > tall && wide > Self.faxWidth * 1.02
        let (across, down) = isTurned ? (tall, wide) : (wide, tall)
        var scale = min(1, Self.faxWidth / across)
        let shrinking = Self.usualLength / (down * scale)
        if shrinking < 1 && shrinking >= Self.leastShrinking { scale *= shrinking }
        let length = down * scale
        guard length <= Self.greatestLength else {
            let tenths = Int(length / 72 * 0.254)
            throw PageFailure(
                code: .tooComplex,
                message:
                    "Page \(page) is \(tenths / 10).\(tenths % 10) m long at the width of a fax; 0.8 m is the most.",
                page: page)
        }
        width = min(Resolution.width, max(8, Int((across * scale * Resolution.horizontalDotsPerInch / 72).rounded())))
        rows = max(8, Int((length * resolution.linesPerInch / 72).rounded()))
    }
}
