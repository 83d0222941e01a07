import FaxModel
import Imaging
import Testing

@Suite struct TIFFHostileTests {
    typealias Failure = TIFFReader.Failure

    private let page = FaxPage(PageGenerator.strokes.bitmap(width: 100, height: 30, seed: 1), resolution: .fine)

    /// A TIFF of one page by tags; the rationals of 282 and 283 follow the directory, then comes the page's code.
    private func file(bigEndian: Bool = false, change: (inout [Int: (type: Int, value: Int)]) -> Void = { _ in })
        -> [UInt8]
    {
        var fields: [Int: (type: Int, value: Int)] = [
            256: (3, 100), 257: (3, 30), 259: (3, 4), 262: (3, 0), 273: (4, 0), 279: (4, page.t6.count), 282: (5, 204),
            283: (5, 196),
        ]
        change(&fields)
        let longValues = 8 + 2 + 12 * fields.count + 4
        if fields[273]?.value == 0 { fields[273]?.value = longValues + 16 }
        var out: [UInt8] = bigEndian ? [0x4D, 0x4D] : [0x49, 0x49]
        func put(_ value: Int, _ size: Int) {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            out += bigEndian ? bytes.reversed() : bytes
        }
        put(42, 2)
        put(8, 4)
        put(fields.count, 2)
        var rationals: [Int] = []
        for (tag, field) in fields.sorted(by: { $0.key < $1.key }) {
            put(tag, 2)
            put(field.type, 2)
            put(1, 4)
            if field.type == 5 {
                put(longValues + 8 * rationals.count, 4)
                rationals.append(field.value)
            } else {
                put(field.value, field.type == 3 ? 2 : 4)
                if field.type == 3 { put(0, 2) }
            }
        }
        put(0, 4)
        for value in rationals {
            put(value, 4)
            put(1, 4)
        }
        return out + page.t6
    }

    @Test(arguments: [false, true])
    func eitherByteOrder(bigEndian: Bool) throws {
        let reader = try TIFFReader(file(bigEndian: bigEndian))
        #expect(reader.count == 1)
        #expect(try reader.page(at: 0) == page)
    }

    @Test func lowBitFirstIsTurned() throws {
        var file = file { $0[266] = (3, 2) }
        for place in (file.count - page.t6.count)..<file.count {
            file[place] = (0..<8).reduce(0) { $0 | (file[place] >> UInt8($1) & 1) << UInt8(7 - $1) }
        }
        #expect(try TIFFReader(file).page(at: 0) == page)
    }

    @Test func resolutionInCentimetres() throws {
        let file = file {
            $0[296] = (3, 3)
            $0[282] = (5, 80)
            $0[283] = (5, 154)
        }
        #expect(try TIFFReader(file).page(at: 0).resolution == .superfine)
    }

    @Test(arguments: [
        (259, 3, 3, TIFFReader.Feature.compression), (259, 3, 1, .compression), (293, 4, 2, .compression),
        (266, 3, 3, .compression), (262, 3, 1, .colour), (258, 3, 8, .colour), (277, 3, 3, .colour),
        (274, 3, 6, .orientation), (278, 3, 29, .strips), (256, 3, 0, .size), (257, 4, 65_536, .size),
        (279, 4, 1 << 27, .size), (282, 5, 300, .resolution), (283, 5, 300, .resolution), (283, 5, 0, .resolution),
        (283, 3, 196, .resolution), (259, 7, 4, .compression), (296, 3, 1, .resolution),
    ])
    func whatIsNotFax(tag: Int, type: Int, value: Int, feature: TIFFReader.Feature) {
        #expect(throws: Failure.unsupported(feature, page: 0)) {
            try TIFFReader(file { $0[tag] = (type, value) })
        }
    }

    @Test(arguments: [259, 262, 273, 279, 256, 257, 282, 283])
    func whatMustBeThere(tag: Int) {
        #expect(throws: Failure.self) { try TIFFReader(file { $0[tag] = nil }) }
    }

    @Test func dataOutsideOfTheFile() throws {
        for offset in [1 << 20, Int(UInt32.max)] {
            let reader = try TIFFReader(file { $0[273] = (4, offset) })
            #expect(throws: Failure.damaged(page: 0)) { try reader.page(at: 0) }
        }
    }

    @Test func directoriesInACircle() throws {
        var file = try tiff([page, page])
        let first = 8
        let pointer = first + 2 + 18 * 12
        let second = Int(file[pointer]) | Int(file[pointer + 1]) << 8
        let last = second + 2 + 18 * 12
        file[last] = UInt8(first)
        #expect(throws: Failure.damaged(page: 2)) { try TIFFReader(file) }
        file[last] = UInt8(truncatingIfNeeded: second)
        file[last + 1] = UInt8(truncatingIfNeeded: second >> 8)
        #expect(throws: Failure.damaged(page: 2)) { try TIFFReader(file) }
    }

    @Test func morePagesThanAllowed() throws {
        let file = try tiff([page, page, page])
        #expect(throws: Failure.tooManyPages(limit: 2)) { try TIFFReader(file, maximumPages: 2) }
        #expect(try TIFFReader(file, maximumPages: 3).count == 3)
    }

    @Test func otherFiles() {
        for bytes in ["", "II", "%PDF-1.4\n", "II*\0\0\0\0\0", "MM*\0\u{8}\0\0\0", "IM*\0\u{8}\0\0\0"] {
            #expect(throws: Failure.self) { try TIFFReader(Array(bytes.utf8)) }
        }
    }

    @Test func truncatedAndMutated() throws {
        let whole = try tiff([page, page])
        for count in 0..<whole.count { _ = try? readAll(Array(whole[0..<count])) }
        var random = CodecRandom(seed: 4)
        for _ in 0..<3000 {
            var mutant = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Mostly in a directory, where it matters.
                let place = Int.random(in: 0..<Int.random(in: 1...mutant.count, using: &random), using: &random)
                mutant[place] = .random(in: 0...255, using: &random)
            }
            _ = try? readAll(mutant)
        }
    }

    private func readAll(_ file: [UInt8]) throws {
        let reader = try TIFFReader(file, maximumPages: 10)
        for index in 0..<reader.count {
            let page = try reader.page(at: index)
            #expect(page.rows > 0 && page.width > 0 && page.t6.count <= file.count)
        }
    }

    @Test func failuresOfTheSourcePassThrough() {
        struct Broken: Error {}
        #expect(throws: Broken.self) { try TIFFReader(ClosureRandomAccess { _, _ in throw Broken() }) }
    }
}
