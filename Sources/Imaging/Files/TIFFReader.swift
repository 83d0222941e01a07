package import FaxModel

/// Reads the fax pages of a TIFF of Group 4 pages with one strip each, such as ``TIFFWriter`` makes; the file may
/// come from anyone.
///
/// Only the directories are read at first; a page's code is read when it is asked for, and it is not decoded.
package struct TIFFReader {
    /// Why a file cannot be read. Pages count from 0.
    package enum Failure: Error, Equatable {
        /// It does not begin as a TIFF does.
        case notTIFF
        /// It is cut off, its directories go in a circle, or a page's data lie outside of it.
        case damaged(page: Int)
        /// It is a TIFF, but not of fax pages as they are read here.
        case unsupported(Feature, page: Int)
        /// It has more pages than allowed.
        case tooManyPages(limit: Int)
        /// There is no page with this index.
        case noSuchPage(Int)
    }

    /// What a page has that is not read here.
    package enum Feature: Sendable, Equatable {
        /// A coding other than T.6, or T.6 with uncompressed parts.
        case compression
        /// More than one bit an element, or 0 for black.
        case colour
        /// A turned or mirrored page.
        case orientation
        /// More than one strip, or tiles.
        case strips
        /// No rows or columns, more than 65,535 of them, or over 64 MiB of data.
        case size
        /// Not one of the resolutions of fax.
        case resolution
    }

    /// Pages of the file.
    package var count: Int { entries.count }

    private let source: any RandomAccess
    private let entries: [Entry]

    private struct Entry {
        var width: Int
        var rows: Int
        var resolution: Resolution
        var offset: Int
        var size: Int
        var lowBitFirst: Bool
    }

    /// Reads the directories of all pages.
    /// - Throws: ``Failure``, or what `source` throws.
    package init(_ source: any RandomAccess, maximumPages: Int = 10_000) throws {
        let header = try source.read(at: 0, count: 8)
        guard header.count == 8, header[0] == header[1], header[0] == 0x49 || header[0] == 0x4D else {
            throw Failure.notTIFF
        }
        let bigEndian = header[0] == 0x4D
        let start = TIFFFields(bytes: header, bigEndian: bigEndian)
        guard start.short(at: 2) == 42, var offset = start.long(at: 4) else { throw Failure.notTIFF }
        var entries: [Entry] = []
        var seen: Set<Int> = []
        while offset != 0 {
            let page = entries.count
            guard page < maximumPages else { throw Failure.tooManyPages(limit: maximumPages) }
            guard seen.insert(offset).inserted,
                let directory = try TIFFDirectory(source, at: offset, bigEndian: bigEndian)
            else { throw Failure.damaged(page: page) }
            entries.append(try TIFFReader.entry(directory, page: page))
            offset = directory.next
        }
        guard !entries.isEmpty else { throw Failure.damaged(page: 0) }
        self.source = source
        self.entries = entries
    }

    /// The page with the index `index`, from 0, with its code as it is in the file.
    /// - Throws: ``Failure``, or what the source throws.
    package func page(at index: Int) throws -> FaxPage {
        guard entries.indices.contains(index) else { throw Failure.noSuchPage(index) }
        let entry = entries[index]
        var t6 = try source.read(at: entry.offset, count: entry.size)
        guard t6.count == entry.size else { throw Failure.damaged(page: index) }
        if entry.lowBitFirst {
            for place in t6.indices { t6[place] = TIFFReader.reversed(t6[place]) }
        }
        return FaxPage(width: entry.width, rows: entry.rows, resolution: entry.resolution, t6: t6)
    }

    private static func entry(_ directory: TIFFDirectory, page: Int) throws -> Entry {
        func check(_ tag: TIFFTag, default value: UInt32, _ allowed: Set<UInt32>, _ feature: Feature) throws {
            let present = directory.has(tag) ? directory.integers(tag)?.first : value
            guard let present, allowed.contains(present) else { throw Failure.unsupported(feature, page: page) }
        }
        try check(.compression, default: 1, [TIFFTag.group4], .compression)
        try check(.t6Options, default: 0, [0], .compression)
        try check(.bitsPerSample, default: 1, [1], .colour)
        try check(.samplesPerPixel, default: 1, [1], .colour)
        try check(.photometricInterpretation, default: 1, [TIFFTag.whiteIsZero], .colour)
        try check(.orientation, default: 1, [1], .orientation)
        try check(.fillOrder, default: 1, [TIFFTag.highBitFirst, TIFFTag.lowBitFirst], .compression)
        guard let width = directory.integers(.imageWidth)?.first, let rows = directory.integers(.imageLength)?.first,
            (1...65_535).contains(width), (1...65_535).contains(rows)
        else { throw Failure.unsupported(.size, page: page) }
        guard let offsets = directory.integers(.stripOffsets), let sizes = directory.integers(.stripByteCounts),
            offsets.count == 1, sizes.count == 1,
            directory.integers(.rowsPerStrip)?.first ?? .max >= rows
        else { throw Failure.unsupported(.strips, page: page) }
        guard sizes[0] <= 64 << 20 else { throw Failure.unsupported(.size, page: page) }
        guard let resolution = try resolution(directory) else { throw Failure.unsupported(.resolution, page: page) }
        return Entry(
            width: Int(width), rows: Int(rows), resolution: resolution, offset: Int(offsets[0]), size: Int(sizes[0]),
            lowBitFirst: directory.integers(.fillOrder)?.first == TIFFTag.lowBitFirst)
    }

    /// The resolution by lines to the inch; makers write 96 to 100, 192 to 204 and 384 to 408 for the same three.
    private static func resolution(_ directory: TIFFDirectory) throws -> Resolution? {
        guard let across = try directory.rational(.xResolution), let down = try directory.rational(.yResolution) else {
            return nil
        }
        let unit = directory.integers(.resolutionUnit)?.first ?? TIFFTag.inch
        guard unit == TIFFTag.inch || unit == TIFFTag.centimetre else { return nil }
        let scale = unit == TIFFTag.inch ? 1 : 2.54
        guard (192.0...208).contains(across * scale) else { return nil }
        return Resolution.allCases.first { abs(down * scale / $0.linesPerInch - 1) < 0.05 }
    }

    private static func reversed(_ byte: UInt8) -> UInt8 {
        var byte = byte
        byte = byte >> 4 | byte << 4
        byte = (byte & 0xCC) >> 2 | (byte & 0x33) << 2
        return (byte & 0xAA) >> 1 | (byte & 0x55) << 1
    }
}
