/// What a drill found.
package struct DrillReport: Sendable, Hashable, Encodable {
    /// The proposed rule's bounds (90 FR 898, 45 CFR 164.308(a)(13)): a backup no older than 48 hours, and a restore within 72.
    package static let largestAgeHours = 48.0
    package static let largestRestoreHours = 72.0

    /// Whether all that was backed up came back, to the byte.
    package let ok: Bool
    /// The snapshot's name; empty when there is none.
    package let snapshot: String
    /// Documents that were opened and compared, and their bytes of plaintext.
    package let documents: Int
    package let bytes: Int
    package let ledgerSize: Int64
    /// What was found to differ, at most ``shownDifferences``; sentences without PHI.
    package let differences: [String]
    package let differenceCount: Int
    /// How old the snapshot is.
    package let ageHours: Double
    /// The restore alone, and with the reading of every document.
    package let restoreSeconds: Double
    package let seconds: Double

    static let shownDifferences = 20

    private enum CodingKeys: String, CodingKey {
        case ok, snapshot, documents, bytes, differences, seconds
        case ledgerSize = "ledger_size"
        case differenceCount = "difference_count"
        case ageHours = "age_hours"
        case restoreSeconds = "restore_seconds"
    }
}
