package import FaxModel
import GRDB
package import Ledger

/// Outcomes that were lost, and what is found out about them.
extension FaxStore {
    /// An unknown outcome and the call of which it is.
    package struct Unreconciled: Sendable {
        package let fax: FaxID
        /// Of the last call; nil where there was none (a restored backup).
        package let reference: String?
        package let pages: Int?
        package let firstPage: Int
        /// Pages of the call's file before the fax's own.
        package let offset: Int
    }

    /// Faxes whose outcome is unknown, the oldest first.
    package func unreconciled(limit: Int) async throws -> [Unreconciled] {
        let faxes = try await faxes(in: .unknown, limit: limit)
        return try await read { database in
            try faxes.compactMap { id in
                let row = try Row.fetchOne(
                    database.cachedStatement(
                        sql: """
                            SELECT pages, attempts.reference, attempts.first_page, attempts.file_offset FROM faxes
                            LEFT JOIN attempts ON attempts.fax = faxes.id WHERE faxes.id = ? ORDER BY attempts.number DESC LIMIT 1
                            """), arguments: [id.text])
                return row.map {
                    Unreconciled(
                        fax: id, reference: $0["reference"], pages: $0["pages"], firstPage: $0["first_page"] ?? 0,
                        offset: $0["file_offset"] ?? 0)
                }
            }
        }
    }

    /// References of the calls whose end is not committed, for each of their faxes.
    package func openCalls() async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT attempts.reference FROM faxes JOIN attempts ON attempts.fax = faxes.id AND attempts.outcome IS NULL
                    WHERE faxes.state = 'sending'
                    """)
        }
    }

    /// Says what came of an unknown outcome.
    /// - Parameters:
    ///   - evidence: how it is known, without anything of the fax in it.
    ///   - countsDial: whether the call that was lost counts against the fax: not where it never came to it.
    ///   - confirmedPages: how many pages from the document's beginning a record proves to have arrived; nil: as many as were reported.
    /// - Returns: whether the outcome was unknown.
    /// - Throws: ``StoreFailure/unknownFax(_:)``, ``StoreFailure/revokedInitiator``.
    package func reconcile(
        _ id: FaxID, as finding: FaxEvent.Finding, evidence: String, by initiator: Initiator, confirmedPages: Int? = nil,
        countsDial: Bool = true
    ) async throws -> Bool {
        let now = clock()
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            guard try Self.state(of: id, in: database) == .unknown else { return false }
            if let confirmedPages {
                try database.execute(
                    sql: "UPDATE faxes SET pages_confirmed = max(pages_confirmed, min(?, coalesce(pages, 0))) WHERE id = ?",
                    arguments: [confirmedPages, id.text])
            }
            if finding == .notDelivered {
                if confirmedPages == nil {
                    // Every page was confirmed, and a person knows better: it goes from its beginning.
                    try database.execute(
                        sql: "UPDATE faxes SET pages_confirmed = 0 WHERE id = ? AND pages_confirmed >= pages", arguments: [id.text])
                }
                // It has its whole time again; the call that was lost counts.
                try restart(id, now: now, in: database) { if countsDial { $0.dials += 1 } }
                try database.execute(
                    sql: "UPDATE faxes SET due_at = ? WHERE id = ?", arguments: [now.milliseconds, id.text])
            }
            let sentence: String? =
                switch finding {
                case .delivered: nil
                case .notDelivered: "The last call was cut: \(evidence)"
                case .abandoned: "Its outcome is not known, and it is not sent again: \(evidence)"
                }
            var state = try apply(.reconciled(finding), to: id, error: sentence, now: now, by: initiator, in: database)
            // The client withdrew it in the call that was cut.
            let isCancelled = "SELECT 1 FROM faxes WHERE id = ? AND cancel_requested_at IS NOT NULL"
            if state == .queued, try Int.fetchOne(database, sql: isCancelled, arguments: [id.text]) == 1 {
                state = try apply(
                    .cancelled, to: id, error: "It was cancelled during a call; what was confirmed before has arrived.", now: now,
                    by: initiator, in: database)
            }
            // Without its pages (a backup from before it was rendered) it begins at the beginning.
            if state == .queued,
                try Int.fetchOne(database, sql: "SELECT 1 FROM faxes WHERE id = ? AND image IS NULL", arguments: [id.text]) == 1
            {
                _ = try apply(.rerenderingNeeded, to: id, error: sentence, now: now, in: database)
            }
            try ledger.append(
                LedgerEvent(
                    .faxReconciled, object: "fax/\(id)", by: initiator,
                    details: ["finding": .text(finding.rawValue), "evidence": .text(evidence)]), in: database)
            return true
        }
    }
}
