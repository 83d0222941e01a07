/// Decodes ITU-T T.6 (11/1988) data, row by row. The data may come from anyone.
///
/// Memory is a few numbers a column, and time is in proportion to the data and the rows that it makes.
package struct T6Decoder: Sendable {
    /// What is wrong with the data. Rows count from 0.
    package enum Failure: Error, Equatable {
        /// The width or the number of rows is under 1 or over what is allowed.
        case dimensions
        /// No code of T.6 begins with these bits.
        case invalidCode(row: Int)
        /// An extension code (T.6 section 2.2.5, such as uncompressed mode), which fax does not use.
        case unsupportedExtension(row: Int)
        /// A run goes over the end of the row, or back.
        case badRun(row: Int)
        /// The data end before the row does.
        case truncated(row: Int)
        /// No EOFB after as many rows as are allowed.
        case tooManyRows(limit: Int)
        /// The EOFB came before the number of rows that the page should have.
        case tooFewRows(Int)
    }

    /// The widest row that is decoded.
    package static let maximumWidth = 32_768
    /// Rows that are decoded at most unless the caller says otherwise: 2.1 m at fine resolution.
    package static let maximumRows = 16_384

    /// Picture elements of a row.
    package let width: Int
    /// Bytes of a packed row.
    package let rowBytes: Int
    /// Rows decoded so far.
    package private(set) var rows = 0

    private let data: [UInt8]
    private var reader = T6BitReader()
    /// Columns of the changing elements of the row above, then four times ``width``.
    private var reference: [Int32]
    private var referenceCount = 0
    private var current: [Int32]

    /// A decoder for `data`, whose rows have `width` elements (1 ... ``maximumWidth``).
    package init(_ data: [UInt8], width: Int) throws(Failure) {
        guard width >= 1, width <= T6Decoder.maximumWidth else { throw .dimensions }
        self.data = data
        self.width = width
        rowBytes = Bitmap.rowBytes(width: width)
        reference = [Int32](repeating: Int32(width), count: width + 4)
        current = reference
    }

    /// Decodes a page.
    ///
    /// - Parameters:
    ///   - rows: the rows that the page has, if known. Data after them are not looked at, so an EOFB may be missing;
    ///     without `rows` it must be there.
    ///   - maximumRows: more rows are an error.
    package static func decode(
        _ data: [UInt8], width: Int, rows: Int? = nil, maximumRows: Int = T6Decoder.maximumRows
    ) throws(Failure) -> Bitmap {
        if let rows, rows < 0 || rows > maximumRows { throw .dimensions }
        var decoder = try T6Decoder(data, width: width)
        let rowBytes = decoder.rowBytes
        let white = [UInt8](repeating: 0, count: rowBytes)
        var bytes: [UInt8] = []
        // A row takes at least one bit of data, whatever the row count claims.
        bytes.reserveCapacity(min(rows ?? 2200, maximumRows, data.count * 8) * rowBytes)
        while decoder.rows != rows {
            guard try decoder.decodeRow() else {
                if rows != nil { throw .tooFewRows(decoder.rows) }
                break
            }
            guard decoder.rows <= maximumRows else { throw .tooManyRows(limit: maximumRows) }
            bytes += white
            bytes.withUnsafeMutableBytes { bytes in
                decoder.paint(UnsafeMutableRawBufferPointer(rebasing: bytes[(bytes.count - rowBytes)...]))
            }
        }
        guard let bitmap = Bitmap(width: width, height: decoder.rows, bytes: bytes) else { throw .dimensions }
        return bitmap
    }

    /// Decodes the next row into `row`, of at least ``rowBytes`` bytes: the leftmost element in the high bit of the
    /// first byte, 1 for black. False, with `row` as it was, at the EOFB. After a failure nothing more can be
    /// decoded.
    package mutating func next(into row: UnsafeMutableRawBufferPointer) throws(Failure) -> Bool {
        precondition(row.count >= rowBytes)
        guard try decodeRow() else { return false }
        for index in 0..<rowBytes { row[index] = 0 }
        paint(row)
        return true
    }

    /// Blackens the black runs of the last row decoded.
    private func paint(_ row: UnsafeMutableRawBufferPointer) {
        reference.withUnsafeBufferPointer { changes in
            var index = 0
            // After an odd number of changes the run to the row's end is black, and the entry after them is its end.
            while index < referenceCount {
                Bitmap.blacken(from: Int(changes[index]), to: Int(changes[index &+ 1]), in: row)
                index &+= 2
            }
        }
    }

    private enum Outcome {
        case row(changes: Int)
        case end
        case failed(Failure)
    }

    /// Makes the next row's changing elements ``reference``; false at the EOFB.
    private mutating func decodeRow() throws(Failure) -> Bool {
        switch findChanges() {
        case .failed(let failure): throw failure
        case .end: return false
        case .row(let changes):
            guard !reader.isPastEnd(of: data.count) else { throw .truncated(row: rows) }
            swap(&reference, &current)
            referenceCount = changes
            rows += 1
            return true
        }
    }

    private mutating func findChanges() -> Outcome {
        var reader = reader
        defer { self.reader = reader }
        let width = width
        let row = rows
        let referenceCount = referenceCount
        return data.withUnsafeBytes { source in
            reference.withUnsafeBufferPointer { reference in
                current.withUnsafeMutableBufferPointer { current in
                    RunCodes.decoding.withUnsafeBufferPointer { codes in
                        T6Decoder.decode(
                            &reader, source, width: Int32(truncatingIfNeeded: width), row: row, codes: codes,
                            reference: reference, referenceCount: referenceCount, current: current)
                    }
                }
            }
        }
    }

    /// Decodes one row by T.6 section 2.2.
    ///
    /// `current` gets columns that strictly increase and are under `width`, so there is room for them and for the
    /// four ends. `j` is the place of b1 in `reference`, even for white and odd for black; the ends there stop every
    /// search.
    private static func decode(
        _ reader: inout T6BitReader, _ source: UnsafeRawBufferPointer, width: Int32, row: Int,
        codes: UnsafeBufferPointer<UInt16>, reference: UnsafeBufferPointer<Int32>, referenceCount: Int,
        current: UnsafeMutableBufferPointer<Int32>
    ) -> Outcome {
        var count = 0
        /// Enters a change at `column`; two at one column are a run of no length, which is not there.
        @inline(__always)
        func enter(_ column: Int32) {
            if count > 0 && current[count &- 1] == column {
                count &-= 1
            } else if column < width {
                current[count] = column
                count &+= 1
            }
        }

        reader.refill(from: source)
        if referenceCount < reader.count, (~reader.window).leadingZeroBitCount > referenceCount {
            // V0 for each changing element and for the end: the row above again.
            reader.skip(referenceCount &+ 1)
            for index in 0..<(referenceCount &+ 4) { current[index] = reference[index] }
            return .row(changes: referenceCount)
        }

        var a0: Int32 = -1
        var j = 0
        var black = 0
        while true {
            if reader.count < 32 { reader.refill(from: source) }
            let entry = Int(codes[RunCodes.decodingModes &+ reader.peek(RunCodes.modeBits)])
            let mode = entry &>> 4
            if mode >= RunCodes.Mode.verticalLeft3 && mode <= RunCodes.Mode.verticalRight3 {
                reader.skip(entry & 15)
                let a1 = reference[j] &+ Int32(truncatingIfNeeded: mode &- RunCodes.Mode.vertical0)
                guard a1 >= max(a0, 0), a1 <= width else { return .failed(.badRun(row: row)) }
                enter(a1)
                a0 = a1
                black ^= 1
                j = j > 0 ? j &- 1 : 1
            } else if mode == RunCodes.Mode.horizontal {
                reader.skip(entry & 15)
                a0 = max(a0, 0)
                for turn in 0..<2 {
                    let colour = black ^ turn
                    var length = 64
                    while length >= 64 {
                        if reader.count < 16 { reader.refill(from: source) }
                        let entry = Int(codes[colour &<< RunCodes.runBits | reader.peek(RunCodes.runBits)])
                        guard entry != 0 else { return failure(reader, source, row: row) }
                        reader.skip(entry & 15)
                        length = entry &>> 4
                        guard length <= Int(width &- a0) else { return .failed(.badRun(row: row)) }
                        a0 &+= Int32(truncatingIfNeeded: length)
                    }
                    enter(a0)
                }
            } else if mode == RunCodes.Mode.pass {
                reader.skip(entry & 15)
                a0 = reference[j &+ 1]
            } else if mode == RunCodes.Mode.extension {
                return .failed(.unsupportedExtension(row: row))
            } else if a0 < 0 && reader.peek(24) == 0x001001 && reader.remaining(of: source.count) >= 24 {
                reader.skip(24)
                return .end
            } else {
                return failure(reader, source, row: row)
            }
            if a0 >= width { break }
            while reference[j] <= a0 { j &+= 2 }
        }
        for index in 0..<4 { current[count &+ index] = width }
        return .row(changes: count)
    }

    /// Bits that are no code: because the data end there, or because they are wrong.
    private static func failure(_ reader: T6BitReader, _ source: UnsafeRawBufferPointer, row: Int) -> Outcome {
        .failed(reader.remaining(of: source.count) < 24 ? .truncated(row: row) : .invalidCode(row: row))
    }
}
