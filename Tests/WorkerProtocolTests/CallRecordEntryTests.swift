import Testing
import WorkerProtocol

@Suite struct CallRecordEntryTests {
    private let entries: [CallRecordEntry] = [
        .transmitting, .confirmed(page: 0), .asked(page: 1), .confirmed(page: 1), .ended(code: 0, pages: 2),
    ]

    private var record: [UInt8] { entries.enumerated().flatMap { $1.encoded(number: $0) } }

    @Test func recordsReadBack() {
        #expect(CallRecordEntry.entries(of: record) == entries)
        #expect(CallRecordEntry.entries(of: record + [UInt8](repeating: 0, count: 4096)) == entries)
        let odd: [CallRecordEntry] = [.confirmed(page: Int(Int32.max)), .ended(code: -1, pages: 0)]
        #expect(CallRecordEntry.entries(of: odd.enumerated().flatMap { $1.encoded(number: $0) }) == odd)
    }

    @Test func anEntryHasItsBytes() {
        // CRC-32 of IEEE 802.3 over the twelve before, as zlib's crc32 says.
        #expect(CallRecordEntry.confirmed(page: 258).encoded(number: 3) == [1, 3, 0, 3, 0, 0, 1, 2, 0, 0, 0, 0, 0xF1, 0x83, 0x50, 0x01])
    }

    @Test func aTornTailIsNothing() {
        for length in 0..<record.count {
            #expect(CallRecordEntry.entries(of: Array(record.prefix(length))) == Array(entries.prefix(length / CallRecordEntry.length)))
        }
    }

    /// Whatever bit is wrong: what is before that entry stands, and nothing behind it is believed.
    @Test func damageEndsARecord() {
        for bit in 0..<record.count * 8 {
            var damaged = record
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(CallRecordEntry.entries(of: damaged) == Array(entries.prefix(bit / 8 / CallRecordEntry.length)))
        }
    }

    @Test func anEntryOfAnotherPlaceIsNone() {
        #expect(CallRecordEntry.entries(of: entries[1].encoded(number: 1)).isEmpty)
        #expect(CallRecordEntry.entries(of: entries[0].encoded(number: 0) + entries[0].encoded(number: 0)) == [.transmitting])
    }

    @Test func noiseIsNoRecord() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<500 {
            let bytes = (0..<64).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            #expect(CallRecordEntry.entries(of: bytes).isEmpty)
        }
    }
}
