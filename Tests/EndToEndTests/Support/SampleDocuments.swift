/// Documents that are made by hand, byte by byte.
enum SampleDocuments {
    /// One line of text.
    static func text(_ line: String) -> [UInt8] { Array((line + "\n").utf8) }

    /// Text of this many pages, each of which begins with `title`.
    static func text(pages: Int, title: String) -> [UInt8] {
        Array((1...pages).map { "\(title), page \($0)\n" }.joined(separator: "\u{0C}").utf8)
    }

    /// A PDF of text in Helvetica.
    /// - Parameters:
    ///   - height: of page `n`, from 1, in points.
    ///   - lines: its text.
    static func pdf(pages: Int, height: (Int) -> Int = { _ in 792 }, lines: (Int) -> [String]) -> [UInt8] {
        var objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
        var children: [String] = []
        for page in 1...pages {
            let shown = lines(page).map { "(\($0)) Tj T*" }.joined(separator: "\n")
            let content = "BT /F1 10 Tf 14 TL 72 \(height(page) - 36) Td\n\(shown)\nET"
            objects.append("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 \(height(page))] /Contents \(objects.count) 0 R "
                    + "/Resources << /Font << /F1 3 0 R >> >> >>")
            children.append("\(objects.count) 0 R")
        }
        objects[1] = "<< /Type /Pages /Kids [\(children.joined(separator: " "))] /Count \(pages) >>"
        var file = Array("%PDF-1.4\n".utf8)
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(file.count)
            file += "\(index + 1) 0 obj\n\(object)\nendobj\n".utf8
        }
        let table = file.count
        file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n".utf8
        for offset in offsets { file += "\(String(repeating: "0", count: 10 - "\(offset)".count))\(offset) 00000 n \n".utf8 }
        file += "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(table)\n%%EOF\n".utf8
        return file
    }

    /// A JPEG of some hundred bytes that says it is `side` picture elements wide and tall.
    static func jpegBomb(side: Int) -> [UInt8] {
        let size = bigEndian(UInt32(side)).suffix(2)
        var file: [UInt8] = [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8] + size + size + [1, 1, 0x11, 0]
        file += [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
        // One code a table: DC difference 0, end of block.
        file += [0xFF, 0xC4, 0, 20, 0x00, 1] + [UInt8](repeating: 0, count: 15) + [0]
        file += [0xFF, 0xC4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
        file += [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0] + [UInt8](repeating: 0, count: 64) + [0xFF, 0xD9]
        return file
    }

    /// A PNG of some dozen bytes that says it is `side` picture elements wide and tall.
    static func pngBomb(side: Int) -> [UInt8] {
        let size = bigEndian(UInt32(side))
        // An empty stored block of deflate in a zlib stream.
        let data: [UInt8] = [0x78, 0x01, 0x01, 0, 0, 0xFF, 0xFF, 0, 0, 0, 1]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", size + size + [8, 0, 0, 0, 0]) + chunk("IDAT", data)
            + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return bigEndian(UInt32(data.count)) + body + bigEndian(crc(body))
    }

    private static func bigEndian(_ word: UInt32) -> [UInt8] {
        withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }

    /// PNG (third edition), annex D.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
