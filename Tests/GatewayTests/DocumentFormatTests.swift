import Gateway
import Testing
import WorkerProtocol

@Suite struct DocumentFormatTests {
    private static let recognisesCases: [([UInt8], PageJob.Format)] = [
        (Array("%PDF-1.7\n%\u{E2}".utf8), PageJob.Format.pdf),
        (Array("\u{FEFF}%PDF-1.4".utf8), .pdf),
        ([0, 1, 2] + Array("%PDF-1.4\n".utf8), .pdf),
        ([UInt8](repeating: 0, count: 1023) + Array("%PDF-1.4\n".utf8), .pdf),
        (Array("Content-Type: application/pdf\r\n\r\n%PDF-1.4\r\n".utf8), .pdf),
        ([0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], .tiff),
        ([0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8], .tiff),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], .png),
        ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg),
        (Array("a".utf8), .text),
        (Array("Dear Dr. Møller,\r\n\tplease see \u{0C} page 2 €𝄞\n".utf8), .text),
        (Array("\u{FEFF}text".utf8), .text),
        (Array("About %PDF-1.4 files".utf8), .text),
    ]

    @Test(arguments: recognisesCases)
    func recognises(bytes: [UInt8], format: PageJob.Format) {
        #expect(DocumentFormat.sniff(bytes) == format)
    }

    private static let refusesCases: [[UInt8]] = [
        [], [0xEF, 0xBB, 0xBF], Array("text\u{0}".utf8), Array("\u{1B}[31m".utf8), Array("\u{7F}".utf8),
        Array("a\u{8}".utf8),
        [0xFF, 0xFE, 0x61, 0x00], [0x61, 0xE9, 0x61], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0x80],
        [0x50, 0x4B, 3, 4], [0xFF, 0xD8], [0x49, 0x49, 0x2B, 0],
        [UInt8](repeating: 0, count: 1024) + Array("%PDF-1.4\n".utf8),
        Array("%!PS-Adobe-3.0".utf8), Array("{\\rtf1 x}".utf8), Array(" \n<!DOCTYPE HTML>".utf8), Array("<html>".utf8),
        Array("\u{FEFF}<?xml version".utf8), Array("%PDF-".utf8) + [0],
    ]

    @Test(arguments: refusesCases)
    func refuses(bytes: [UInt8]) {
        #expect(DocumentFormat.sniff(bytes) == nil)
    }

    /// Wherever the sample cuts a character, the text stays text, and what follows the sample is not looked at.
    @Test func looksAtTheSampleOnly() {
        for lead in 0..<4 {
            let text = [UInt8](repeating: 0x61, count: DocumentFormat.sampleSize - lead) + Array("𝄞".utf8)
            #expect(DocumentFormat.sniff(text + [0]) == .text, "\(lead) bytes of the character")
        }
        let text = [UInt8](repeating: 0x61, count: DocumentFormat.sampleSize)
        #expect(DocumentFormat.sniff(text + [0]) == .text)
        #expect(DocumentFormat.sniff([0] + text) == nil)
    }
}
