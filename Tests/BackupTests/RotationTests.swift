import FaxModel
import Testing

@testable import Backup

@Suite struct RotationTests {
    private static func name(_ text: String) throws -> SnapshotName { try #require(SnapshotName(text)) }

    @Test func `the last of each of the newest days and months is kept`() throws {
        let names = try [
            "20260901T010000Z-1", "20260930T010000Z-1", "20261005T010000Z-1", "20261031T230000Z-1", "20261120T010000Z-1",
            "20261121T010000Z-1", "20261121T130000Z-1", "20261122T010000Z-1", "20261122T010000Z-2",
        ].map(Self.name)
        let kept = Rotation(days: 2, months: 3).kept(of: names.shuffled())
        #expect(
            kept.map(\.description).sorted() == [
                "20260930T010000Z-1", "20261031T230000Z-1", "20261121T130000Z-1", "20261122T010000Z-2",
            ])
        #expect(try Rotation(days: 1, months: 0).kept(of: names) == [Self.name("20261122T010000Z-2")])
        #expect(Rotation(days: 3, months: 3).kept(of: []).isEmpty)
    }

    /// The rule, written down a second time and asked of each snapshot alone.
    @Test(arguments: 0..<200) func `any folder obeys the rule`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let rotation = Rotation(days: Int.random(in: 1...10, using: &random), months: Int.random(in: 0...14, using: &random))
        let count = Int.random(in: 1...60, using: &random)
        let span = Int64.random(in: 1...800, using: &random) * 86_400_000
        var names: [SnapshotName] = []
        for _ in 0..<count {
            let time = Timestamp(milliseconds: 1_795_000_000_000 + Int64.random(in: 0...span, using: &random))
            names.append(SnapshotName(time: time, number: Int.random(in: 1...3, using: &random)))
        }
        names = Array(Set(names))
        let kept = rotation.kept(of: names.shuffled(using: &random))
        for name in names {
            let newerDays = Set(names.filter { $0.day > name.day }.map(\.day)).count
            let newerMonths = Set(names.filter { $0.month > name.month }.map(\.month)).count
            let isLastOfDay = !names.contains { $0.day == name.day && $0 > name }
            let isLastOfMonth = !names.contains { $0.month == name.month && $0 > name }
            let isExpected =
                isLastOfDay && newerDays < rotation.days || isLastOfMonth && newerMonths < rotation.months || name == names.max()
            #expect(kept.contains(name) == isExpected, "\(name)")
        }
        // Doing it again removes nothing more.
        #expect(rotation.kept(of: Array(kept)) == kept)
    }

    @Test func `names order as they were made, also when the clock goes back`() throws {
        let time = Timestamp(milliseconds: 1_795_336_200_999)
        let first = SnapshotName(at: time, after: [])
        #expect("\(first)" == "20261122T083000Z-1")
        var names = [first]
        for step in [0, 500, -86_400_000, 1000, 999] as [Int64] {
            names.append(SnapshotName(at: Timestamp(milliseconds: time.milliseconds + step), after: names.shuffled()))
        }
        #expect(names == names.sorted() && Set(names).count == names.count, "\(names)")
        for _ in 0..<10 { names.append(SnapshotName(at: time, after: names)) }
        #expect(names == names.sorted())
        for name in names { #expect(SnapshotName(fileName: name.fileName) == name) }
    }

    @Test(arguments: [
        "", "20261122T083000Z", "20261122T083000Z-0", "20261122T083000Z-01", "20261122T083000Z-+1", "20261322T083000Z-1",
        "20261122T083000Y-1", "20261122 083000Z-1", "20261122T083000Z-1-1", "20261122T083060Z-1", "../../../../T08-1",
    ])
    func `other names are no snapshots`(text: String) {
        #expect(SnapshotName(text) == nil)
    }
}
