import Testing
import Vault

@Suite struct BlobHeaderTests {
    private func header() throws -> BlobHeader {
        BlobHeader(
            id: BlobID(document: try Samples.document("Ab-9_z"), kind: .transmitted, generation: 0x0102_0304),
            epoch: try Samples.epoch())
    }

    @Test func hasTheDocumentedBytes() throws {
        let expected: [UInt8] =
            Array("FXLK".utf8) + [1, 0, 20, 3, 1, 2, 3, 4, 6] + Array("Ab-9_z".utf8) + [7] + Array("2026-11".utf8)
        #expect(try header().encoded == expected)
        let (decoded, length) = try BlobHeader.decode(expected + [9, 9, 9])
        #expect(decoded == (try header()))
        #expect(length == 27)
    }

    @Test func hostileBytesAreRefused() throws {
        let good = try header().encoded
        for length in 0..<4 {
            #expect(throws: BlobHeader.Failure.notABlob) { try BlobHeader.decode(Array(good[..<length])) }
        }
        for length in 4..<good.count {
            #expect(throws: BlobHeader.Failure.malformed) { try BlobHeader.decode(Array(good[..<length])) }
        }
        var changed = good
        changed[4] = 2
        #expect(throws: BlobHeader.Failure.unknownVersion(2)) { try BlobHeader.decode(changed) }
        // Length, kind, length and characters of names: each to every value. Nothing traps, and what is taken is exact.
        for index in 5..<good.count {
            for value in UInt8.min...UInt8.max {
                var changed = good
                changed[index] = value
                guard let (decoded, length) = try? BlobHeader.decode(changed) else { continue }
                #expect(decoded.encoded == Array(changed[..<length]))
            }
        }
    }

    @Test func fileNamesComeBack() throws {
        for kind in BlobKind.allCases {
            let id = BlobID(document: try Samples.document(), kind: kind, generation: .max)
            #expect(BlobID(fileName: id.fileName) == id)
        }
        let bad = [
            "", "doc_1", "doc_1.pages", "doc_1.pages.", "doc_1.pages.-1", "doc_1.pages.+1", "doc_1.pages.01",
            "doc_1.pages.4294967296", "doc_1.page.1", ".pages.1", "../x.pages.1", "doc_1.pages.1.2", "doc 1.pages.1",
        ]
        for name in bad { #expect(BlobID(fileName: name) == nil) }
    }

    @Test func contextNamesEverything() throws {
        let id = BlobID(document: try Samples.document(), kind: .pages, generation: 3)
        #expect(id.context(tenant: .single) == "faxlock/1/main/doc_1/pages/3")
    }

    @Test func namesAreStrict() {
        for bad in ["", "a.b", "a/b", "é", "a b", "a\u{0}", String(repeating: "a", count: 65)] {
            #expect(DocumentID(bad) == nil)
            #expect(TenantID(bad) == nil)
        }
        #expect(DocumentID(String(repeating: "a", count: 64)) != nil)
    }
}
