import FaxModel
import Testing
import WorkerProtocol

@Suite struct PagePayloadTests {
    @Test(arguments: Resolution.allCases)
    func pagesReadBack(resolution: Resolution) throws {
        let page = FaxPage(width: 1728, rows: 65_535, resolution: resolution, t6: [1, 2, 3, 0x80])
        #expect(try PagePayload.decode(PagePayload.encode(page)) == page)
    }

    @Test func onTheWire() {
        let page = FaxPage(width: 1728, rows: 2292, resolution: .fine, t6: [0xAA])
        #expect(PagePayload.encode(page) == [0x06, 0xC0, 0, 0, 0x08, 0xF4, 1, 0xAA])
    }

    @Test(arguments: [(0, 1), (1, 0), (1728, 65_536), (1728, 4_000_000_000)])
    func sizesThatNoFileHoldsAreErrors(width: Int, rows: Int) {
        let bytes = PagePayload.encode(FaxPage(width: width, rows: rows, resolution: .fine, t6: [1]))
        #expect(throws: PagePayload.Malformed.self) { try PagePayload.decode(bytes) }
    }

    @Test func shortAndUnknownAreErrors() {
        let bytes = PagePayload.encode(FaxPage(width: 1728, rows: 1, resolution: .standard, t6: []))
        #expect(bytes.count == 7)
        for length in 0..<7 {
            #expect(throws: PagePayload.Malformed.self) { try PagePayload.decode(Array(bytes[..<length])) }
        }
        for code in 3...255 {
            #expect(throws: PagePayload.Malformed.self) { try PagePayload.decode(bytes[..<6] + [UInt8(code)]) }
        }
    }
}
