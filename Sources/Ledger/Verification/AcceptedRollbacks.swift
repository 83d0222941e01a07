/// Rollbacks that the auditor accepts: which checkpoints may be of events that are gone.
struct AcceptedRollbacks: Sendable {
    private var ranges: [(left: Int64, had: Int64)] = []

    /// The ledger had `had` events, of which `left` were left.
    mutating func add(from left: Int64, upTo had: Int64) {
        ranges.append((left, had))
    }

    /// Whether a checkpoint of `size` events may be of what is gone.
    func excuse(_ size: Int64) -> Bool {
        ranges.contains { $0.left < size && size <= $0.had }
    }

    /// Whether the list of checkpoints may go back like this.
    func excuseDecrease(from: Int64, to: Int64) -> Bool {
        ranges.contains { $0.left < to && $0.left < from && from <= $0.had }
    }
}
