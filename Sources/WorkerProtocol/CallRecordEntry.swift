/// What a sending line worker puts on record of its call, for the time after its gateway was killed: how much the far machine may have read.
///
/// A record is a row of entries of ``length`` bytes, from the first on; it ends before the first bytes that are no entry, or not the one that
/// belongs there. An entry has a version (1 byte, 1), its kind (1 byte), its number in the row from 0 (2 bytes, big endian), two values
/// (4 bytes each, big endian, two's complement) and the CRC-32 of all that (IEEE 802.3, 4 bytes). Nothing of the fax is in it.
package enum CallRecordEntry: Sendable, Equatable {
    /// Written before this side's first T.30 frame leaves: from here on the far machine may be reading.
    case transmitting
    /// Written before the end of a document is announced (EOP or EOM, T.30 5.3.6.1.6): the far machine may have all of it now. `page` is its
    /// last, counted in the file from 0.
    case asked(page: Int)
    /// The far machine confirmed a page (MCF or RTP).
    case confirmed(page: Int)
    /// T.30 is over, with this code of the worker's ``CallEnd`` and so many pages confirmed in the call. Nothing follows.
    case ended(code: Int, pages: Int)

    /// Bytes of an entry.
    package static let length = 16
    /// Entries of a record; more are not written.
    package static let maximumCount = 65_536

    private static let version: UInt8 = 1

    /// The entry as the `number`th of a record.
    package func encoded(number: Int) -> [UInt8] {
        let (kind, first, second): (UInt8, Int, Int) =
            switch self {
            case .transmitting: (1, 0, 0)
            case .asked(let page): (2, page, 0)
            case .confirmed(let page): (3, page, 0)
            case .ended(let code, let pages): (4, code, pages)
            }
        var bytes: [UInt8] = [Self.version, kind]
        bytes.reserveCapacity(Self.length)
        bytes.appendBigEndian(UInt16(truncatingIfNeeded: number))
        bytes.appendBigEndian(Int32(clamping: first))
        bytes.appendBigEndian(Int32(clamping: second))
        bytes.appendBigEndian(Self.checksum(of: bytes))
        return bytes
    }

    /// Nil for what is no whole entry, or not the `number`th of a record.
    package init?(_ bytes: some Collection<UInt8>, number: Int) {
        let bytes = Array(bytes)
        guard bytes.count == Self.length, bytes[0] == Self.version else { return nil }
        func value<Value: FixedWidthInteger>(_ range: Range<Int>, as type: Value.Type) -> Value {
            bytes[range].reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
        }
        guard value(12..<16, as: UInt32.self) == Self.checksum(of: bytes.prefix(12)),
            value(2..<4, as: UInt16.self) == UInt16(truncatingIfNeeded: number)
        else { return nil }
        let (first, second) = (Int(value(4..<8, as: Int32.self)), Int(value(8..<12, as: Int32.self)))
        switch bytes[1] {
        case 1: self = .transmitting
        case 2: self = .asked(page: first)
        case 3: self = .confirmed(page: first)
        case 4: self = .ended(code: first, pages: second)
        default: return nil
        }
    }

    /// The entries of a record, up to the first that is torn, damaged or not there.
    package static func entries(of bytes: [UInt8]) -> [CallRecordEntry] {
        var entries: [CallRecordEntry] = []
        while entries.count < maximumCount, (entries.count + 1) * length <= bytes.count,
            let entry = CallRecordEntry(bytes[entries.count * length..<(entries.count + 1) * length], number: entries.count)
        {
            entries.append(entry)
        }
        return entries
    }

    private static func checksum(of bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
        }
    }
}
