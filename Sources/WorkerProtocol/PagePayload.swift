package import FaxModel

/// A ``FaxPage`` as the payload of a ``Frame``: width (2 bytes, big endian), rows (4 bytes), resolution (1 byte), T.6 data.
package enum PagePayload {
    /// The payload was shorter than its fixed part, names a resolution that does not exist, or a size that no TIFF-F has: whoever wrote it has
    /// handled hostile bytes.
    package struct Malformed: Error {
        package init() {}
    }

    package static func encode(_ page: FaxPage) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(7 + page.t6.count)
        out.appendBigEndian(UInt16(page.width))
        out.appendBigEndian(UInt32(page.rows))
        out.append(code(of: page.resolution))
        out.append(contentsOf: page.t6)
        return out
    }

    package static func decode(_ payload: [UInt8]) throws(Malformed) -> FaxPage {
        guard payload.count >= 7, let resolution = Resolution.allCases.first(where: { code(of: $0) == payload[6] }) else {
            throw Malformed()
        }
        let width = payload[0..<2].reduce(0) { $0 << 8 | Int($1) }
        let rows = payload[2..<6].reduce(0) { $0 << 8 | Int($1) }
        guard (1...65_535).contains(width), (1...65_535).contains(rows) else { throw Malformed() }
        return FaxPage(width: width, rows: rows, resolution: resolution, t6: Array(payload[7...]))
    }

    private static func code(of resolution: Resolution) -> UInt8 {
        switch resolution {
        case .standard: 0
        case .fine: 1
        case .superfine: 2
        }
    }
}
