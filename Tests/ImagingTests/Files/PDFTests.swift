import FaxModel
import Foundation
import Testing

@testable import Imaging

@Suite struct PDFTests {
    private func pdf(_ pages: [FaxPage]) -> [UInt8] {
        var writer = PDFWriter()
        var file: [UInt8] = []
        for page in pages { file += writer.append(page) }
        return file + writer.finish()
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private func find(_ needle: String, in bytes: [UInt8], from start: Int = 0) -> Int? {
        let needle = Array(needle.utf8)
        guard bytes.count >= needle.count, start <= bytes.count - needle.count else { return nil }
        return (start...(bytes.count - needle.count)).first { bytes[$0..<($0 + needle.count)].elementsEqual(needle) }
    }

    @Test(arguments: [0, 1, 14])
    func crossReferences(count: Int) throws {
        let file = pdf(Array(samplePages().prefix(count)))
        let tail = text(file[max(0, file.count - 200)...]).split(separator: "\n")
        #expect(tail.last == "%%EOF")
        let table = try #require(Int(tail[tail.count - 2]))
        let lines = text(file[table...]).split(separator: "\n", omittingEmptySubsequences: false)
        let objects = 2 + 3 * count
        #expect(lines[0] == "xref" && lines[1] == "0 \(objects + 1)")
        #expect(lines[2] == "0000000000 65535 f ")
        for number in 1...objects {
            let entry = lines[2 + number]
            #expect(entry.utf8.count == 19 && entry.hasSuffix(" 00000 n "))
            let offset = try #require(Int(entry.prefix(10)))
            #expect(text(file[offset..<(offset + 12)]).hasPrefix("\(number) 0 obj\n"))
        }
        #expect(lines[3 + objects] == "trailer")
        #expect(lines[4 + objects] == "<</Size \(objects + 1)/Root 1 0 R>>")
    }

    @Test func pagesPassThroughBitForBit() throws {
        var place = 0
        let pages = samplePages()
        let file = pdf(pages)
        for page in pages {
            let image = try #require(find("/Subtype/Image", in: file, from: place))
            let stream = try #require(find("stream\n", in: file, from: image)) + 7
            let dictionary = text(file[image..<stream])
            #expect(dictionary.contains("/Width \(page.width)/Height \(page.rows)/"))
            #expect(dictionary.contains("/K -1/Columns \(page.width)/Rows \(page.rows)/BlackIs1 false"))
            #expect(dictionary.contains("/Length \(page.t6.count)>>"))
            #expect(Array(file[stream..<(stream + page.t6.count)]) == page.t6)
            place = stream + page.t6.count
            #expect(text(file[place..<(place + 18)]) == "\nendstream\nendobj\n")
        }
    }

    @Test(arguments: [
        (Resolution.standard, 1078, "609.882 792.000"), (.fine, 2156, "609.882 792.000"),
        (.fine, 2290, "609.882 841.224"),
        (.superfine, 4301, "609.882 792.000"), (.fine, 196, "609.882 72.000"),
    ])
    func paperHasTheSizeOfThePage(resolution: Resolution, rows: Int, size: String) {
        let file = pdf([FaxPage(Bitmap(width: 1728, height: rows), resolution: resolution)])
        #expect(find("/MediaBox[0 0 \(size)]", in: file) != nil)
        let matrix = size.replacing(" ", with: " 0 0 ")
        #expect(find("q \(matrix) 0 0 cm /I Do Q", in: file) != nil)
    }

    @Test func saysNothingOfWhoAndWhen() {
        let file = pdf(samplePages())
        for key in ["/Info", "/ID", "/Metadata", "/CreationDate", "/Producer"] { #expect(find(key, in: file) == nil) }
        #expect(file == pdf(samplePages()))
    }

    private static let pdfimages = ["/usr/bin/pdfimages", "/usr/local/bin/pdfimages"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Another program finds the same code, and nothing to complain of.
    @Test(.enabled(if: PDFTests.pdfimages != nil, "pdfimages (poppler-utils) is not installed"))
    func anotherReader() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pdf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pages = samplePages()
        let file = folder.appendingPathComponent("fax.pdf")
        try Data(pdf(pages)).write(to: file)
        let tool = Process()
        tool.executableURL = URL(fileURLWithPath: try #require(Self.pdfimages))
        tool.arguments = ["-ccitt", file.path, folder.appendingPathComponent("page").path]
        let errors = Pipe()
        tool.standardError = errors
        try tool.run()
        let complaints = errors.fileHandleForReading.readDataToEndOfFile()
        tool.waitUntilExit()
        #expect(tool.terminationStatus == 0)
        #expect(complaints.isEmpty)
        for (index, page) in pages.enumerated() {
            let number = String(String(1000 + index).dropFirst())
            let image = try Data(contentsOf: folder.appendingPathComponent("page-\(number).ccitt"))
            #expect(Array(image) == page.t6)
        }
    }
}
