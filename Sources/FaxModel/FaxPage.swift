/// One page as it goes over the line: black and white, and coded by ITU-T T.6 (11/1988), also called MMR or Group 4.
///
/// The coding is canonical: two pages with the same picture have the same `t6`, so pages are compared by comparing bytes.
package struct FaxPage: Sendable, Hashable {
    /// Picture elements of a scan line; 1,728 on all pages that this product makes.
    package let width: Int
    /// Scan lines of the page.
    package let rows: Int
    /// Lines to the millimetre.
    package let resolution: Resolution
    /// The T.6 data with its EOFB and zero bits to the end of the last byte; the first bit is the high bit of the first byte.
    package let t6: [UInt8]

    package init(width: Int, rows: Int, resolution: Resolution, t6: [UInt8]) {
        self.width = width
        self.rows = rows
        self.resolution = resolution
        self.t6 = t6
    }
}
