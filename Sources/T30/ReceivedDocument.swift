import CSpanDSP
package import FaxModel
import Imaging

/// The TIFF file that libspandsp writes while it receives: T.4 two-dimensional, one strip a page, low bit first.
package struct ReceivedDocument: Sendable {
    /// A page cannot be read, or is no fax page.
    package struct Unreadable: Error {}

    /// More rows are no page: at 15.4 lines/mm it is more than a metre and a half.
    package static let maximumRows = 24_576
    /// The widest line of T.30 (R16, A3).
    package static let maximumWidth = 4_864

    private let path: String

    package init(path: String) {
        self.path = path
    }

    /// Page `index`, from 0, coded anew in canonical T.6. A page is whole as soon as its event came.
    package func page(at index: Int) throws(Unreadable) -> FaxPage {
        guard let file = TIFFFile(path: path), file.select(page: index),
            let width = file.field(TIFFTAG_IMAGEWIDTH, as: UInt32.self).map(Int.init),
            let rows = file.field(TIFFTAG_IMAGELENGTH, as: UInt32.self).map(Int.init),
            (1...Self.maximumWidth).contains(width), (1...Self.maximumRows).contains(rows),
            file.field(TIFFTAG_BITSPERSAMPLE, as: UInt16.self) == 1,
            file.field(TIFFTAG_SAMPLESPERPIXEL, as: UInt16.self) == 1,
            file.rowBytes == (width + 7) / 8
        else { throw Unreadable() }

        let isInverted = file.field(TIFFTAG_PHOTOMETRIC, as: UInt16.self) == UInt16(PHOTOMETRIC_MINISBLACK)
        var row = [UInt8](repeating: 0, count: file.rowBytes)
        var encoder = T6Encoder(width: width)
        for number in 0..<rows {
            let isRead = row.withUnsafeMutableBytes { file.read(row: number, into: $0) }
            guard isRead else { throw Unreadable() }
            if isInverted { for index in row.indices { row[index] = ~row[index] } }
            row.withUnsafeBytes { encoder.append(row: $0) }
        }
        return FaxPage(width: width, rows: rows, resolution: resolution(of: file), t6: encoder.finish())
    }

    /// Rows to the inch decide: 98, 196 or 391, or their 100, 200 and 400 neighbours.
    private func resolution(of file: borrowing TIFFFile) -> Resolution {
        var rowsPerInch = file.field(TIFFTAG_YRESOLUTION, as: Float.self) ?? 0
        if file.field(TIFFTAG_RESOLUTIONUNIT, as: UInt16.self) == UInt16(RESUNIT_CENTIMETER) { rowsPerInch *= 2.54 }
        return switch rowsPerInch {
        case ..<150: .standard
        case ..<300: .fine
        default: .superfine
        }
    }
}
