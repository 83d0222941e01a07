package import FaxModel

/// The name of a snapshot, `20261122T083000Z-1`: when it was made (UTC), and a number for those of the same second. It orders as made.
package struct SnapshotName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Whole seconds.
    package let time: Timestamp
    /// From 1.
    package let number: Int

    init(time: Timestamp, number: Int) {
        self.time = Timestamp(milliseconds: time.milliseconds / 1000 * 1000)
        self.number = number
    }

    /// The name after all of `names`, also when the clock went back: the newest is the last that was made.
    init(at time: Timestamp, after names: [SnapshotName]) {
        let wanted = SnapshotName(time: time, number: 1)
        guard let newest = names.max(), newest >= wanted else {
            self = wanted
            return
        }
        self.init(time: newest.time, number: newest.number + 1)
    }

    /// Reads ``description``. Nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]), (1...999_999).contains(number), parts[0].utf8.count == 16 else { return nil }
        let stamp = Array(parts[0])
        let iso =
            "\(String(stamp[0..<4]))-\(String(stamp[4..<6]))-\(String(stamp[6..<8]))T"
            + "\(String(stamp[9..<11])):\(String(stamp[11..<13])):\(String(stamp[13..<15]))Z"
        guard let time = Timestamp(iso8601: iso) else { return nil }
        self.init(time: time, number: number)
        guard description == text else { return nil }
    }

    /// Reads the name of a snapshot's file. Nil for other files.
    init?(fileName: String) {
        guard fileName.hasSuffix(Self.suffix) else { return nil }
        self.init(String(fileName.dropLast(Self.suffix.count)))
    }

    private static let suffix = ".fxb"
    var fileName: String { description + Self.suffix }

    /// `20261122`: the day in UTC.
    var day: String { String(description.prefix(8)) }
    /// `202611`: the month in UTC.
    var month: String { String(description.prefix(6)) }

    package var description: String {
        String(time.description.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z-\(number)"
    }

    package static func < (left: SnapshotName, right: SnapshotName) -> Bool {
        (left.time, left.number) < (right.time, right.number)
    }
}
