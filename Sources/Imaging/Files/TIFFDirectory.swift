/// Numbers in the byte order of a TIFF; nil for what is outside of the bytes.
struct TIFFFields {
    let bytes: [UInt8]
    let bigEndian: Bool

    func short(at offset: Int) -> UInt32? {
        guard offset >= 0, offset + 2 <= bytes.count else { return nil }
        let (first, second) = (UInt32(bytes[offset]), UInt32(bytes[offset + 1]))
        return bigEndian ? first << 8 | second : second << 8 | first
    }

    func long(at offset: Int) -> Int? {
        guard let first = short(at: offset), let second = short(at: offset + 2) else { return nil }
        return Int(bigEndian ? first << 16 | second : second << 16 | first)
    }
}

/// One image file directory of a TIFF (TIFF 6.0 section 2).
struct TIFFDirectory {
    /// The offset of the next directory, 0 after the last one.
    let next: Int

    private struct Field {
        var type: UInt16
        var count: Int
        /// The value's place in the file.
        var offset: Int
    }

    private var fields: [UInt16: Field] = [:]
    private let source: any RandomAccess
    /// The directory and some bytes after it, where its longer values often are.
    private let window: TIFFFields
    private let start: Int

    /// More entries than any fax has; a directory with more is taken as damaged.
    private static let maximumEntries = 256

    /// Nil if the directory is not wholly there.
    init?(_ source: any RandomAccess, at offset: Int, bigEndian: Bool) throws {
        var window = TIFFFields(bytes: try source.read(at: offset, count: 512), bigEndian: bigEndian)
        guard let entries = window.short(at: 0).map(Int.init), entries > 0, entries <= TIFFDirectory.maximumEntries
        else {
            return nil
        }
        let size = 2 + 12 * entries + 4
        if size > 512 {
            window = TIFFFields(bytes: try source.read(at: offset, count: size), bigEndian: bigEndian)
        }
        guard let next = window.long(at: size - 4) else { return nil }
        self.next = next
        self.source = source
        self.window = window
        start = offset
        for entry in 0..<entries {
            let place = 2 + 12 * entry
            guard let tag = window.short(at: place), let type = window.short(at: place + 2),
                let count = window.long(at: place + 4), let pointer = window.long(at: place + 8)
            else { return nil }
            let isShort = type == UInt32(TIFFType.short.rawValue)
            let size = isShort ? 2 : type == UInt32(TIFFType.long.rawValue) ? 4 : 8
            fields[UInt16(truncatingIfNeeded: tag)] = Field(
                type: UInt16(truncatingIfNeeded: type), count: count,
                offset: size * count <= 4 ? offset + place + 8 : pointer)
        }
    }

    func has(_ tag: TIFFTag) -> Bool {
        fields[tag.rawValue] != nil
    }

    /// The value of a field of shorts or longs that is in the directory itself; nil if there is none of this kind.
    func integers(_ tag: TIFFTag) -> [UInt32]? {
        guard let field = fields[tag.rawValue] else { return nil }
        switch (TIFFType(rawValue: field.type), field.count) {
        case (.short, 1...2):
            return (0..<field.count).compactMap { window.short(at: field.offset - start + 2 * $0) }
        case (.long, 1):
            return window.long(at: field.offset - start).map { [UInt32(truncatingIfNeeded: $0)] }
        default:
            return nil
        }
    }

    /// The value of a field of one rational; nil if there is none, or its denominator is 0.
    func rational(_ tag: TIFFTag) throws -> Double? {
        guard let field = fields[tag.rawValue], field.type == TIFFType.rational.rawValue, field.count == 1 else {
            return nil
        }
        var fields = window
        var place = field.offset - start
        if place < 0 || place + 8 > window.bytes.count {
            fields = TIFFFields(bytes: try source.read(at: field.offset, count: 8), bigEndian: window.bigEndian)
            place = 0
        }
        guard let numerator = fields.long(at: place), let denominator = fields.long(at: place + 4), denominator > 0
        else {
            return nil
        }
        return Double(numerator) / Double(denominator)
    }
}
