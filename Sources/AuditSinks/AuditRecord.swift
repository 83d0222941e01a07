/// A thing of the ledger that leaves the machine.
package enum AuditRecord: Sendable, Hashable {
    /// One event.
    /// - Parameters:
    ///   - sequence: its number in the ledger, from 0.
    ///   - json: the exact bytes that the ledger hashed: one JSON object.
    case leaf(sequence: Int64, json: [UInt8])
    /// A signed checkpoint (C2SP tlog-checkpoint): what the leaves before it were. It has no PHI.
    /// - Parameters:
    ///   - size: the number of leaves that it covers.
    ///   - note: the whole signed note, each line ended by `\n`.
    case checkpoint(size: Int64, note: String)
}
