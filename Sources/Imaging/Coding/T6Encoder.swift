/// Codes rows of picture elements by ITU-T T.6 (11/1988), row by row.
///
/// The code is the canonical one: of two pages with the same picture it makes the same bytes. After ``finish()`` the
/// encoder is ready for another page of the same width.
package struct T6Encoder: Sendable {
    /// Picture elements of a row, at least 1.
    package let width: Int
    /// Bytes of a packed row.
    package let rowBytes: Int
    /// Rows of the present page so far.
    package private(set) var rows = 0

    /// The row above as 64-bit words with the leftmost element in the high bit, zero after the last element.
    private var words: [UInt64]
    /// The elements of the last word that belong to the row.
    private let lastWordMask: UInt64
    /// Columns of the changing elements of the row above, then four times ``width``.
    private var reference: [Int32]
    private var referenceCount = 0
    private var current: [Int32]
    /// Bytes written are the first ``written``; the others are room.
    private var output: [UInt8] = []
    private var written = 0
    private var accumulator: UInt64 = 0
    private var pending = 0

    /// An encoder for rows of `width` picture elements, which must be in 1 ... 1,000,000.
    package init(width: Int) {
        precondition(width >= 1 && width <= 1_000_000)
        self.width = width
        rowBytes = Bitmap.rowBytes(width: width)
        words = [UInt64](repeating: 0, count: (width + 63) / 64)
        lastWordMask = ~0 << UInt64((64 - width % 64) % 64)
        reference = [Int32](repeating: Int32(width), count: width + 4)
        current = reference
    }

    /// Codes the next row.
    /// - Parameter row: at least ``rowBytes`` bytes, the leftmost element in the high bit of the first one, 1 for
    ///   black; bits after the last element are not looked at.
    package mutating func append(row: UnsafeRawBufferPointer) {
        rows += 1
        guard load(row) else {
            // Same as the row above: each changing element is right below its like (V0), and so is the row's end.
            makeRoom(referenceCount / 8 + 16)
            write { $0.putOnes($1) }
            return
        }
        let count = findChanges()
        makeRoom(8 * (count + 4) + referenceCount + width / 256 + 64)
        encode()
        swap(&reference, &current)
        referenceCount = count
    }

    /// Ends the page with the EOFB (T.6 section 2.4.1.1) and zero bits to the end of the byte, and gives its whole
    /// code.
    package mutating func finish() -> [UInt8] {
        makeRoom(16)
        write { writer, _ in writer.put(bits: 0x001001, count: 24) }
        return takeRows().bytes
    }

    /// The code of all rows since the last page, without EOFB, and starts another page.
    mutating func takeRows() -> T6Bits {
        let count = written * 8 + pending
        makeRoom(8)
        // Zero bits enough to push out what is pending.
        write { writer, _ in writer.put(bits: 0, count: 32) }
        let bits = T6Bits(bytes: Array(output[0..<((count + 7) / 8)]), count: count)
        rows = 0
        written = 0
        accumulator = 0
        pending = 0
        referenceCount = 0
        for index in 0..<4 { reference[index] = Int32(width) }
        for index in words.indices { words[index] = 0 }
        return bits
    }

    /// The T.6 code of a picture at least one element wide, with EOFB; `[0, 0x10, 0x01]` if it has no rows.
    package static func encode(_ bitmap: Bitmap) -> [UInt8] {
        var encoder = T6Encoder(width: bitmap.width)
        encoder.append(rowsOf: bitmap)
        return encoder.finish()
    }

    mutating func append(rowsOf bitmap: Bitmap) {
        precondition(bitmap.width == width)
        bitmap.withUnsafeBytes { bytes in
            for y in 0..<bitmap.height {
                append(row: UnsafeRawBufferPointer(rebasing: bytes[(y * rowBytes)..<((y + 1) * rowBytes)]))
            }
        }
    }

    /// Takes the row's elements into ``words``; false if they are those of the row above.
    private mutating func load(_ row: UnsafeRawBufferPointer) -> Bool {
        precondition(row.count >= rowBytes)
        let rowBytes = rowBytes
        let mask = lastWordMask
        return words.withUnsafeMutableBufferPointer { words in
            var difference: UInt64 = 0
            let whole = rowBytes / 8
            for index in 0..<whole {
                var word = UInt64(bigEndian: row.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self))
                if index == words.count &- 1 { word &= mask }
                difference |= word ^ words[index]
                words[index] = word
            }
            if whole < words.count {
                var word: UInt64 = 0
                for index in 0..<(rowBytes &- 8 &* whole) {
                    word |= UInt64(row[8 &* whole &+ index]) &<< UInt64(56 &- 8 &* index)
                }
                word &= mask
                difference |= word ^ words[whole]
                words[whole] = word
            }
            return difference != 0
        }
    }

    /// Enters the changing elements of ``words`` in ``current`` and gives their number.
    private mutating func findChanges() -> Int {
        let end = Int32(width)
        let mask = lastWordMask
        return words.withUnsafeBufferPointer { words in
            current.withUnsafeMutableBufferPointer { changes in
                var count = 0
                var before: UInt64 = 0
                for index in 0..<words.count {
                    let word = words[index]
                    var edges = word ^ (word &>> 1 | before)
                    before = word &<< 63
                    if index == words.count &- 1 { edges &= mask }
                    let column = Int32(truncatingIfNeeded: index &* 64)
                    while edges != 0 {
                        let bit = edges.leadingZeroBitCount
                        changes[count] = column &+ Int32(truncatingIfNeeded: bit)
                        count &+= 1
                        edges &= 0x7FFF_FFFF_FFFF_FFFF &>> UInt64(truncatingIfNeeded: bit)
                    }
                }
                for index in 0..<4 { changes[count &+ index] = end }
                return count
            }
        }
    }

    /// The coding procedure of T.6 section 2.2.4 for the row in ``current``.
    ///
    /// Even entries of a list of changing elements begin black runs, odd ones white runs; so the places `i` of a1 and
    /// `j` of b1 in their lists are always both even or both odd. The four entries after the end stop every search.
    private mutating func encode() {
        let width = Int32(width)
        current.withUnsafeBufferPointer { current in
            reference.withUnsafeBufferPointer { reference in
                RunCodes.encoding.withUnsafeBufferPointer { codes in
                    output.withUnsafeMutableBytes { output in
                        guard let base = output.baseAddress else { return }
                        var writer = T6BitWriter(
                            accumulator: accumulator, pending: pending, base: base, offset: written)
                        var i = 0
                        var j = 0
                        var a0: Int32 = -1
                        while a0 < width {
                            let a1 = current[i]
                            let b1 = reference[j]
                            if reference[j &+ 1] < a1 {
                                writer.put(codes[RunCodes.encodingModes &+ RunCodes.Mode.pass &- 1])
                                a0 = reference[j &+ 1]
                                j &+= 2
                                continue
                            }
                            let distance = Int(a1 &- b1)
                            if distance >= -3 && distance <= 3 {
                                writer.put(
                                    codes[RunCodes.encodingModes &+ RunCodes.Mode.vertical0 &- 1 &+ distance])
                                a0 = a1
                                i &+= 1
                                j = j > 0 ? j &- 1 : 1
                            } else {
                                let a2 = current[i &+ 1]
                                let first = Int(a1 &- max(a0, 0))
                                let black = (i & 1) &* RunCodes.blackRuns
                                T6Encoder.put(run: first, from: black, prefix: 0b001, prefixBits: 3, codes, &writer)
                                T6Encoder.put(
                                    run: Int(a2 &- a1), from: RunCodes.blackRuns &- black, prefix: 0, prefixBits: 0,
                                    codes, &writer)
                                a0 = a2
                                i &+= 2
                            }
                            if a0 >= width { break }
                            while reference[j] <= a0 { j &+= 2 }
                        }
                        accumulator = writer.accumulator
                        pending = writer.pending
                        written = writer.offset
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func put(
        run: Int, from colour: Int, prefix: UInt64, prefixBits: Int, _ codes: UnsafeBufferPointer<UInt32>,
        _ writer: inout T6BitWriter
    ) {
        if run <= RunCodes.longestRun {
            writer.put(codes[colour &+ run], after: prefix, prefixBits: prefixBits)
        } else {
            writer.put(bits: prefix, count: prefixBits)
            var left = run
            while left > RunCodes.longestRun {
                writer.put(bits: 0b0000_0001_1111, count: 12)
                left &-= 2560
            }
            writer.put(codes[colour &+ left])
        }
    }

    /// Makes ``output`` hold at least `count` bytes more than are written.
    private mutating func makeRoom(_ count: Int) {
        let missing = written + count - output.count
        guard missing > 0 else { return }
        output += [UInt8](repeating: 0, count: max(missing, output.count, 1 << 14))
    }

    /// Runs `body` with a writer at the end of the output and the number of codes that repeat the row above.
    private mutating func write(_ body: (inout T6BitWriter, Int) -> Void) {
        let repeated = referenceCount + 1
        output.withUnsafeMutableBytes { output in
            guard let base = output.baseAddress else { return }
            var writer = T6BitWriter(accumulator: accumulator, pending: pending, base: base, offset: written)
            body(&writer, repeated)
            accumulator = writer.accumulator
            pending = writer.pending
            written = writer.offset
        }
    }
}
