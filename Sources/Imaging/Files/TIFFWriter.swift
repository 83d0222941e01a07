package import FaxModel

/// Writes a TIFF-F file (RFC 2306) of Group 4 pages, one strip a page, as bytes in sequence, never going back.
///
/// A page's directory says where the next one is, so each page is given out when the next one comes, or at the end:
/// header, then for each page its directory, the directory's longer values, and the page's code.
package struct TIFFWriter: Sendable {
    /// A TIFF cannot hold the page: it would end after 4 GiB, is page 65,536, or has no rows or columns or more than
    /// 65,535.
    package struct TooLarge: Error, Equatable {}

    /// Pages of the document, 0 if not known.
    private let total: UInt32
    /// Where the waiting page's directory begins; 0 before the header is written.
    private var offset = 0
    private var waiting: FaxPage?
    private var written = 0

    /// Entries of a directory, its size, and its size with the longer values.
    private static let entries = 18
    private static let directorySize = 2 + 12 * entries + 4
    private static let software = Array("Faxlock\0".utf8)
    private static let overhead = directorySize + 8 + 8 + software.count

    /// A writer of a new file.
    /// - Parameter pages: the number of pages in all, which each page then names; nil if not known.
    package init(pages: Int? = nil) {
        total = UInt32(clamping: min(pages ?? 0, 65_535))
    }

    /// Adds a page and gives the bytes that follow those given before. After a failure the file goes on without the
    /// page.
    package mutating func append(_ page: FaxPage) throws(TooLarge) -> [UInt8] {
        let start = offset == 0 ? 8 : offset + waitingSize
        guard start + TIFFWriter.overhead + page.t6.count < UInt32.max, written < 65_535,
            (1...65_535).contains(page.width), (1...65_535).contains(page.rows)
        else { throw TooLarge() }
        let bytes = offset == 0 ? TIFFWriter.header : takeWaiting(next: start)
        offset = start
        waiting = page
        return bytes
    }

    /// The last bytes of the file. A file without pages is empty: TIFF knows no such thing.
    package mutating func finish() -> [UInt8] {
        takeWaiting(next: 0)
    }

    /// Little endian, the first directory right behind.
    private static let header: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]

    /// Bytes of the waiting page with its directory; even, since a directory begins on an even offset.
    private var waitingSize: Int {
        let size = TIFFWriter.overhead + (waiting?.t6.count ?? 0)
        return size + size % 2
    }

    private mutating func takeWaiting(next: Int) -> [UInt8] {
        guard let page = waiting else { return [] }
        let longValues = offset + TIFFWriter.directorySize
        var block = TIFFBlock(capacity: waitingSize)
        block.short(UInt32(TIFFWriter.entries))
        block.entry(.newSubfileType, .long, TIFFTag.singlePage)
        block.entry(.imageWidth, .long, UInt32(page.width))
        block.entry(.imageLength, .long, UInt32(page.rows))
        block.entry(.bitsPerSample, .short, 1)
        block.entry(.compression, .short, TIFFTag.group4)
        block.entry(.photometricInterpretation, .short, TIFFTag.whiteIsZero)
        block.entry(.fillOrder, .short, TIFFTag.highBitFirst)
        block.entry(.stripOffsets, .long, UInt32(offset + TIFFWriter.overhead))
        block.entry(.orientation, .short, 1)
        block.entry(.samplesPerPixel, .short, 1)
        block.entry(.rowsPerStrip, .long, UInt32(page.rows))
        block.entry(.stripByteCounts, .long, UInt32(page.t6.count))
        block.entry(.xResolution, .rational, UInt32(longValues))
        block.entry(.yResolution, .rational, UInt32(longValues + 8))
        block.entry(.t6Options, .long, 0)
        block.entry(.resolutionUnit, .short, TIFFTag.inch)
        // Two shorts: this page, from 0, and the number of pages.
        block.entry(.pageNumber, .short, count: 2, UInt32(written) | total << 16)
        block.entry(.software, .ascii, count: UInt32(TIFFWriter.software.count), UInt32(longValues + 16))
        block.long(UInt32(next))
        block.long(UInt32(Resolution.horizontalDotsPerInch))
        block.long(1)
        block.long(UInt32(page.resolution.linesPerInch))
        block.long(1)
        block.bytes += TIFFWriter.software
        block.bytes += page.t6
        if block.bytes.count % 2 != 0 { block.bytes.append(0) }
        waiting = nil
        written += 1
        return block.bytes
    }
}

/// Little endian bytes of a TIFF.
private struct TIFFBlock {
    var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func short(_ value: UInt32) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func long(_ value: UInt32) {
        short(value)
        short(value >> 16)
    }

    /// A value of at most four bytes, or the offset of a longer one; a short is in the first two of the four bytes.
    mutating func entry(_ tag: TIFFTag, _ type: TIFFType, count: UInt32 = 1, _ value: UInt32) {
        short(UInt32(tag.rawValue))
        short(UInt32(type.rawValue))
        long(count)
        long(value)
    }
}
