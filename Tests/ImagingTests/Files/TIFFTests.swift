import FaxModel
import Imaging
import Testing

/// Pages for files: odd and even sizes of code, each resolution, several widths.
func samplePages() -> [FaxPage] {
    var pages: [FaxPage] = []
    for (index, kind) in PageGenerator.allCases.enumerated() {
        let resolution = Resolution.allCases[index % 3]
        pages.append(FaxPage(kind.bitmap(width: 1728, height: 10 + index, seed: 3), resolution: resolution))
        pages.append(FaxPage(kind.bitmap(width: 65, height: 1, seed: 4), resolution: resolution))
    }
    return pages
}

func tiff(_ pages: [FaxPage], total: Int? = nil) throws -> [UInt8] {
    var writer = TIFFWriter(pages: total)
    var file: [UInt8] = []
    for page in pages { file += try writer.append(page) }
    return file + writer.finish()
}

@Suite struct TIFFTests {
    @Test func readsWhatWasWritten() throws {
        let pages = samplePages()
        #expect(Set(pages.map { $0.t6.count % 2 }).count == 2)
        let reader = try TIFFReader(try tiff(pages))
        #expect(reader.count == pages.count)
        for (index, page) in pages.enumerated() { #expect(try reader.page(at: index) == page) }
        #expect(throws: TIFFReader.Failure.noSuchPage(pages.count)) { try reader.page(at: pages.count) }
        #expect(throws: TIFFReader.Failure.noSuchPage(-1)) { try reader.page(at: -1) }
    }

    @Test func aFileWithoutPagesIsEmpty() throws {
        #expect(try tiff([]) == [])
        #expect(throws: TIFFReader.Failure.notTIFF) { try TIFFReader([UInt8]()) }
    }

    /// The tags that RFC 2306 asks for, read from their bytes.
    @Test func directory() throws {
        let page = FaxPage(PageGenerator.strokes.bitmap(width: 1728, height: 99, seed: 1), resolution: .superfine)
        let file = try tiff([page, page], total: 2)
        func number(_ place: Int, _ size: Int) -> Int {
            (0..<size).reduce(0) { $0 | Int(file[place + $1]) << (8 * $1) }
        }
        #expect(Array(file[0..<8]) == [0x49, 0x49, 42, 0, 8, 0, 0, 0])
        var offset = 8
        for index in 0..<2 {
            #expect(offset % 2 == 0)
            var values: [Int: Int] = [:]
            var tags: [Int] = []
            let entries = number(offset, 2)
            for entry in 0..<entries {
                let place = offset + 2 + 12 * entry
                tags.append(number(place, 2))
                values[number(place, 2)] = number(place + 8, 4)
            }
            #expect(tags == tags.sorted())
            let expected = [
                254: 2, 256: 1728, 257: 99, 258: 1, 259: 4, 262: 0, 266: 1, 274: 1, 277: 1, 278: 99, 279: page.t6.count,
                293: 0, 296: 2, 297: index | 2 << 16,
            ]
            for (tag, value) in expected { #expect(values[tag] == value, "tag \(tag)") }
            let resolution = try [#require(values[282]), #require(values[283])]
            #expect(resolution.map { number($0, 4) } == [204, 391])
            #expect(resolution.map { number($0 + 4, 4) } == [1, 1])
            let software = try #require(values[305])
            #expect(Array(file[software..<(software + 8)]) == Array("Faxlock\0".utf8))
            let strip = try #require(values[273])
            #expect(Array(file[strip..<(strip + page.t6.count)]) == page.t6)
            offset = number(offset + 2 + 12 * entries, 4)
        }
        #expect(offset == 0)
    }

    @Test func resolutionsAreTheNumbersOfTheStandard() throws {
        for (resolution, lines) in [(Resolution.standard, 98), (.fine, 196), (.superfine, 391)] {
            let file = try tiff([FaxPage(Bitmap(width: 8, height: 1), resolution: resolution)])
            // The second rational after the directory of 18 entries.
            let place = 8 + 2 + 18 * 12 + 4 + 8
            #expect(Int(file[place]) | Int(file[place + 1]) << 8 == lines)
            #expect(try TIFFReader(file).page(at: 0).resolution == resolution)
        }
    }

    @Test func pagesThatATIFFCannotHold() throws {
        var writer = TIFFWriter()
        let good = FaxPage(Bitmap(width: 8, height: 1), resolution: .fine)
        var file = try writer.append(good)
        for (width, rows) in [(0, 1), (65_536, 1), (8, 0), (8, 65_536), (-1, -1)] {
            #expect(throws: TIFFWriter.TooLarge.self) {
                try writer.append(FaxPage(width: width, rows: rows, resolution: .fine, t6: []))
            }
        }
        file += try writer.append(good)
        file += writer.finish()
        #expect(try TIFFReader(file).count == 2)
    }

    /// A long file is read by directories and pages, not as a whole.
    @Test func readsOnlyWhatIsNeeded() throws {
        let page = FaxPage(PageGenerator.noise.bitmap(width: 1728, height: 40, seed: 1), resolution: .fine)
        let file = try tiff([FaxPage](repeating: page, count: 20))
        let longest = 512
        let reader = try TIFFReader(
            ClosureRandomAccess { offset, count in
                #expect(count <= longest || (count == page.t6.count && offset > 0))
                return file.read(at: offset, count: count)
            })
        #expect(reader.count == 20)
        #expect(try reader.page(at: 19) == page)
    }
}
