import WorkerProtocol

/// A JPEG file, put unchanged into a PDF of one page, so that the renderer decodes it as it does any other picture.
struct JPEGDocument {
    let descriptor: Int32

    /// Makes the PDF in memory and gives its descriptor.
    func wrapped() throws(PageFailure) -> Int32 {
        let document = DocumentBytes(descriptor: descriptor)
        // Segments before the frame header are at most 64 KiB each; profiles and previews fill a few.
        guard document.count < 1 << 28 else {
            throw PageFailure(code: .tooComplex, message: "The picture is too large.", page: 1)
        }
        let file = document.read(at: 0, length: document.count)
        guard let header = JPEGHeader(file), header.bitsPerComponent == 8, [1, 3, 4].contains(header.components) else {
            throw PageFailure(code: .broken, message: "The picture is damaged.", page: 1)
        }
        guard Self.hasEnd(file) else {
            throw PageFailure(code: .broken, message: "The picture ends too early.", page: 1)
        }
        let size = try ImageSize(
            width: header.width, height: header.height, dotsPerInchAcross: header.dotsPerInchAcross,
            dotsPerInchDown: header.dotsPerInchDown, page: 1)
        guard let descriptor = MemoryFile.make(pdf(file, header: header, size: size)) else {
            throw PageFailure(code: .renderer, message: "No memory file could be made.")
        }
        return descriptor
    }

    /// Whether an end of image (EOI) follows the data. A decoder would fill up what is missing with grey, and call it
    /// a success.
    private static func hasEnd(_ file: [UInt8]) -> Bool {
        var at = file.count - 1
        while at > 2 {
            // Data never holds FF before anything but 0 and restarts.
            if file[at] == 0xD9 && file[at - 1] == 0xFF { return true }
            if file[at] == 0xDA && file[at - 1] == 0xFF { return false }
            at -= 1
        }
        return false
    }

    private func pdf(_ file: [UInt8], header: JPEGHeader, size: ImageSize) -> [UInt8] {
        var (wide, tall) = (size.wide, size.tall)
        if header.orientation > 4 {
            // Turned, its width is its height.
            (wide, tall) = (tall, wide)
            if !size.isTrue { (wide, tall) = (PageGeometry.faxWidth, PageGeometry.faxWidth * tall / wide) }
        }
        // Where the unit square of the picture goes, by Exif orientation.
        let placement =
            switch header.orientation {
            case 2: "\(-wide) 0 0 \(tall) \(wide) 0"
            case 3: "\(-wide) 0 0 \(-tall) \(wide) \(tall)"
            case 4: "\(wide) 0 0 \(-tall) 0 \(tall)"
            case 5: "0 \(-tall) \(-wide) 0 \(wide) \(tall)"
            case 6: "0 \(-tall) \(wide) 0 0 \(tall)"
            case 7: "0 \(tall) \(wide) 0 0 0"
            case 8: "0 \(tall) \(-wide) 0 \(wide) 0"
            default: "\(wide) 0 0 \(tall) 0 0"
            }
        let space = header.components == 1 ? "/DeviceGray" : header.components == 3 ? "/DeviceRGB" : "/DeviceCMYK"
        let decode = header.components == 4 && header.isAdobe ? "/Decode[1 0 1 0 1 0 1 0]" : ""
        let content = "q \(placement) cm /I Do Q"
        var out: [UInt8] = []
        out.reserveCapacity(file.count + 2048)
        var offsets: [Int] = []
        func object(_ text: String, stream: [UInt8]? = nil) {
            offsets.append(out.count)
            out += Array("\(offsets.count) 0 obj\n\(text)\n".utf8)
            if let stream { out += Array("stream\n".utf8) + stream + Array("\nendstream\n".utf8) }
            out += Array("endobj\n".utf8)
        }
        out += Array("%PDF-1.4\n".utf8)
        object("<</Type/Catalog/Pages 2 0 R>>")
        object("<</Type/Pages/Kids[3 0 R]/Count 1>>")
        object(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 \(wide) \(tall)]/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>"
        )
        object("<</Length \(content.utf8.count)>>", stream: Array(content.utf8))
        object(
            "<</Type/XObject/Subtype/Image/Width \(header.width)/Height \(header.height)/BitsPerComponent 8"
                + "/ColorSpace\(space)\(decode)/Filter/DCTDecode/Length \(file.count)>>", stream: file)
        let table = out.count
        out += Array("xref\n0 \(offsets.count + 1)\n0000000000 65535 f \n".utf8)
        for offset in offsets {
            let digits = "\(offset)"
            out += Array((String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits + " 00000 n \n").utf8)
        }
        out += Array("trailer\n<</Size \(offsets.count + 1)/Root 1 0 R>>\nstartxref\n\(table)\n%%EOF\n".utf8)
        return out
    }
}
