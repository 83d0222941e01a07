/// Which snapshots are kept: the last one of each of the newest days and months that have any, and always the newest of all.
///
/// Days and months without a snapshot do not count: a server that was off for weeks keeps as many as one that was not.
package struct Rotation: Sendable {
    /// 1 or more.
    package let days: Int
    package let months: Int

    package init(days: Int, months: Int) {
        self.days = days
        self.months = months
    }

    package func kept(of names: [SnapshotName]) -> Set<SnapshotName> {
        var kept: Set<SnapshotName> = []
        var seenDays: Set<String> = []
        var seenMonths: Set<String> = []
        for name in names.sorted(by: >) {
            let isLastOfDay = seenDays.count < days && seenDays.insert(name.day).inserted
            let isLastOfMonth = seenMonths.count < months && seenMonths.insert(name.month).inserted
            if isLastOfDay || isLastOfMonth || kept.isEmpty { kept.insert(name) }
        }
        return kept
    }
}
