/// What the segments before the data of a JPEG file say (ITU-T T.81 annex B, JFIF and Exif).
struct JPEGHeader {
    private(set) var width = 0
    private(set) var height = 0
    /// 1 grey, 3 colour, 4 CMYK.
    private(set) var components = 0
    private(set) var bitsPerComponent = 8
    /// 0 if the file does not say.
    private(set) var dotsPerInchAcross = 0.0
    private(set) var dotsPerInchDown = 0.0
    /// Exif orientation, 1-8.
    private(set) var orientation = 1
    /// Whether Adobe's segment is there, which means inverted CMYK.
    private(set) var isAdobe = false

    /// Reads the segments of `file`; nil if they are not those of a JPEG file.
    init?(_ file: [UInt8]) {
        guard file.count > 4, file[0] == 0xFF, file[1] == 0xD8 else { return nil }
        var at = 2
        while at + 4 <= file.count {
            guard file[at] == 0xFF else { return nil }
            let marker = file[at + 1]
            if marker == 0xFF {
                at += 1
                continue
            }
            if marker == 0x01 || (0xD0...0xD7).contains(marker) {
                at += 2
                continue
            }
            let length = Int(file[at + 2]) << 8 | Int(file[at + 3])
            let end = at + 2 + length
            guard length >= 2, end <= file.count else { return nil }
            let body = file[(at + 4)..<end]
            switch marker {
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                let frame = Array(body)
                guard frame.count >= 6 else { return nil }
                bitsPerComponent = Int(frame[0])
                height = Int(frame[1]) << 8 | Int(frame[2])
                width = Int(frame[3]) << 8 | Int(frame[4])
                components = Int(frame[5])
                return
            case 0xDA, 0xD9:
                return nil
            case 0xE0 where body.starts(with: Array("JFIF\0".utf8)): readDensity(Array(body))
            case 0xE1 where body.starts(with: Array("Exif\0\0".utf8)): readOrientation(Array(body.dropFirst(6)))
            case 0xEE where body.starts(with: Array("Adobe".utf8)): isAdobe = true
            default: break
            }
            at = end
        }
        return nil
    }

    private mutating func readDensity(_ body: [UInt8]) {
        guard body.count >= 12 else { return }
        let unit = body[7] == 1 ? 1.0 : body[7] == 2 ? 2.54 : 0
        dotsPerInchAcross = Double(Int(body[8]) << 8 | Int(body[9])) * unit
        dotsPerInchDown = Double(Int(body[10]) << 8 | Int(body[11])) * unit
    }

    /// Finds tag 0x0112 in the first directory of the TIFF structure that Exif is.
    private mutating func readOrientation(_ tiff: [UInt8]) {
        guard tiff.count >= 8 else { return }
        let isLittle = tiff[0] == 0x49
        func number(_ at: Int, _ bytes: Int) -> Int? {
            guard at >= 0, at + bytes <= tiff.count else { return nil }
            let slice = tiff[at..<(at + bytes)]
            return isLittle ? slice.reversed().reduce(0) { $0 << 8 | Int($1) } : slice.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(4, 4), let entries = number(directory, 2) else { return }
        for entry in 0..<entries {
            let at = directory + 2 + entry * 12
            guard let tag = number(at, 2) else { return }
            if tag == 0x0112, let value = number(at + 8, 2), (1...8).contains(value) { orientation = value }
        }
    }
}
