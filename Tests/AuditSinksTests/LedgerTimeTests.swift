import FaxModel
import Testing

@testable import AuditSinks

@Suite struct LedgerTimeTests {
    @Test func itReadsWhatTimesPrint() {
        var random: UInt64 = 7
        for _ in 0..<2000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let time = Timestamp(milliseconds: Int64(random >> 20) % 253_402_300_800_000)
            #expect(LedgerTime.read(time.description) == time)
        }
    }

    @Test(arguments: [
        "2026-02-29T08:30:00.000Z", "2024-02-29T08:30:00.000Z", "2026-13-01T08:30:00.000Z", "2026-00-01T08:30:00.000Z",
        "2026-01-00T08:30:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T23:60:00.000Z", "2026-01-01T23:59:60.000Z",
        "2026-11-22T08:30:00+01:00", "2026-11-22T08:30:00.123z", "", "x", "٢026-11-22T08:30:00.12Z", "2026-11-22",
    ])
    func itAgreesWithTheGeneralReader(text: String) {
        #expect(LedgerTime.read(text) == Timestamp(iso8601: text))
    }
}
