/// How far a sink has got. Leaves and checkpoints are counted apart: a checkpoint may be signed after leaves that it does not cover left.
package struct SinkPosition: Sendable, Hashable, Codable {
    /// The last leaf delivered; -1 for none.
    package var sequence: Int64
    /// The size of the largest checkpoint delivered; -1 for none.
    package var checkpointSize: Int64

    /// Nothing was delivered.
    package static let start = SinkPosition(sequence: -1, checkpointSize: -1)

    package init(sequence: Int64, checkpointSize: Int64) {
        self.sequence = sequence
        self.checkpointSize = checkpointSize
    }

    /// The position after these records too. It never goes back.
    package func advanced(over records: some Sequence<AuditRecord>) -> SinkPosition {
        var position = self
        for record in records {
            switch record {
            case .leaf(let sequence, _): position.sequence = max(position.sequence, sequence)
            case .checkpoint(let size, _): position.checkpointSize = max(position.checkpointSize, size)
            }
        }
        return position
    }

    /// Whether something was delivered that was not at the other position.
    func isPast(_ other: SinkPosition) -> Bool {
        sequence > other.sequence || checkpointSize > other.checkpointSize
    }
}
