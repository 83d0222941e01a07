package import FaxModel
import FoundationEssentials
import GRDB
import Ledger
import Vault

extension FaxStore {
    /// Commits that a call is about to be made. Nothing of the call may leave this machine before this returned.
    /// - Returns: the attempt's number, or nil when the fax is not `queued` (any more): then there must be no call.
    package func intendAttempt(for id: FaxID, backend: String, reference: String, image: StoredDocument) async throws -> Int? {
        let now = clock()
        return try await commit { [self] database in
            try Self.requireLead(fence, in: database)
            guard try apply(.attemptIntended, to: id, error: nil, now: now, in: database) != nil else { return nil }
            try Self.insert(image, in: database)
            let last = try Int.fetchOne(database, sql: "SELECT max(number) FROM attempts WHERE fax = ?", arguments: [id.text])
            let number = (last ?? 0) + 1
            try database.execute(
                sql: """
                    INSERT INTO attempts (fax, number, fence, phase, backend, reference, image, intent_at)
                    VALUES (?, ?, ?, 'intent', ?, ?, ?, ?)
                    """,
                arguments: [id.text, number, fence, backend, reference, image.id.rawValue, now.milliseconds])
            try ledger.append(
                LedgerEvent(
                    .attemptIntended, object: "fax/\(id)", by: .system,
                    details: [
                        "attempt": .integer(Int64(number)), "backend": .text(backend), "reference": .text(reference),
                        "document": .text(image.id.rawValue), "sha256": .text(Self.hex(image.sha256)),
                    ]), in: database)
            return number
        }
    }

    /// The far end answered.
    /// - Throws: ``StoreFailure/staleFence`` when another server has taken over.
    package func attemptStarted(_ id: FaxID, attempt: Int) async throws {
        let now = clock()
        try await commit { [fence, ledger] database in
            try Self.update(
                database, fence: fence, sql: "UPDATE attempts SET phase = 'started', started_at = ? WHERE outcome IS NULL",
                arguments: [now.milliseconds], fax: id, attempt: attempt)
            try ledger.append(
                LedgerEvent(
                    .attemptStarted, object: "fax/\(id)", by: .system, details: ["attempt": .integer(Int64(attempt))]), in: database)
        }
    }

    /// Both machines agreed on how to talk.
    package func attemptNegotiated(
        _ id: FaxID, attempt: Int, remoteIdentifier: String, bitRate: Int, errorCorrection: Bool
    ) async throws {
        let sealed = try columns.seal(remoteIdentifier, .attemptRemoteIdentifier, row: "\(id)/\(attempt)")
        try await commit { [fence] database in
            try Self.update(
                database, fence: fence,
                sql: """
                    UPDATE attempts SET sealed_remote_identifier = ?, bit_rate = ?, error_correction = ? WHERE outcome IS NULL
                    """, arguments: [sealed, bitRate, errorCorrection], fax: id, attempt: attempt)
        }
    }

    /// The far machine confirmed a page.
    package func pageConfirmed(_ id: FaxID, attempt: Int, page: PageRecord) async throws {
        try await commit { [fence] database in
            try Self.update(
                database, fence: fence, sql: "UPDATE attempts SET bit_rate = ? WHERE outcome IS NULL",
                arguments: [page.bitRate], fax: id, attempt: attempt)
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO attempt_pages
                        (fax, attempt, page, bit_rate, error_correction, bad_rows, retries, confirmed_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id.text, attempt, page.page, page.bitRate, page.errorCorrection, page.badRows, page.retries,
                    page.confirmedAt.milliseconds,
                ])
            // Page after page: a report that leaves one out proves nothing of the one left out.
            try database.execute(
                sql: "UPDATE faxes SET pages_confirmed = pages_confirmed + 1, updated_at = ? WHERE id = ? AND pages_confirmed = ?",
                arguments: [page.confirmedAt.milliseconds, id.text, page.page])
        }
    }

    /// The call is over, and what came of it. A second report changes nothing.
    package func attemptEnded(_ id: FaxID, attempt: Int, outcome: AttemptOutcome, evidence: String) async throws {
        let now = clock()
        try await commit { [self] database in
            var cause: FailureCause?
            if case .failed(let failure) = outcome { cause = failure }
            try Self.update(
                database, fence: fence,
                sql: "UPDATE attempts SET phase = 'ended', ended_at = ?, outcome = ?, cause = ?, evidence = ? WHERE outcome IS NULL",
                arguments: [now.milliseconds, outcome.name, cause?.rawValue, evidence], fax: id, attempt: attempt)
            let confirmed = try Int64.fetchOne(
                database, sql: "SELECT count(*) FROM attempt_pages WHERE fax = ? AND attempt = ?", arguments: [id.text, attempt])
            var details: [String: LedgerValue] = [
                "attempt": .integer(Int64(attempt)), "outcome": .text(outcome.name), "pages": .integer(confirmed ?? 0),
                "evidence": .text(evidence),
            ]
            if let cause { details["cause"] = .text(cause.rawValue) }
            try ledger.append(
                LedgerEvent(.attemptEnded, object: "fax/\(id)", by: .system, outcome: outcome.inLedger, details: details), in: database)
            let sentence = outcome == .unknown ? Self.unknownOutcome : cause.map { "\($0.sentence) (\(evidence))" }
            _ = try apply(.attemptEnded(outcome), to: id, error: sentence, now: now, in: database)
        }
    }

    /// Runs an update that must hit exactly the attempt that this server leads.
    private static func update(
        _ database: Database, fence: Int64, sql: String, arguments: StatementArguments, fax: FaxID, attempt: Int
    ) throws {
        try requireLead(fence, in: database)
        try database.execute(
            sql: sql + " AND fax = ? AND number = ? AND fence = ?", arguments: arguments + [fax.text, attempt, fence])
        guard database.changesCount == 1 else { throw StoreFailure.staleFence }
    }

    /// Refuses a write of a server after which another has started on this database.
    private static func requireLead(_ fence: Int64, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE name = 'fence'")
        guard try Int64.fetchOne(statement) == fence else { throw StoreFailure.staleFence }
    }

    static func attempts(of id: FaxID, in database: Database) throws -> [AttemptRecord] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT attempts.*, inbound.id AS received FROM attempts
                LEFT JOIN inbound ON inbound.reference = attempts.reference
                WHERE fax = ? ORDER BY number
                """)
        return try Row.fetchAll(statement, arguments: [id.text]).map { row in
            let number: Int = row["number"]
            let cause: String? = row["cause"]
            let received: String? = row["received"]
            guard let phase = AttemptRecord.Phase(rawValue: row["phase"]), let image = DocumentID(row["image"]) else {
                throw StoreFailure.damagedRow(table: "attempts", row: id.text)
            }
            return AttemptRecord(
                number: number, phase: phase, backend: row["backend"], reference: row["reference"], image: image,
                intentAt: Timestamp(milliseconds: row["intent_at"]),
                startedAt: (row["started_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                endedAt: (row["ended_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                outcome: row["outcome"], cause: cause.flatMap { FailureCause(rawValue: $0) }, evidence: row["evidence"],
                bitRate: row["bit_rate"], errorCorrection: row["error_correction"],
                pages: try pages(of: id, attempt: number, in: database), receivedFax: received.flatMap { FaxID($0) })
        }
    }

    private static func pages(of id: FaxID, attempt: Int, in database: Database) throws -> [PageRecord] {
        let statement = try database.cachedStatement(
            sql: "SELECT * FROM attempt_pages WHERE fax = ? AND attempt = ? ORDER BY page")
        return try Row.fetchAll(statement, arguments: [id.text, attempt]).map { row in
            PageRecord(
                page: row["page"], bitRate: row["bit_rate"], errorCorrection: row["error_correction"], badRows: row["bad_rows"],
                retries: row["retries"], confirmedAt: Timestamp(milliseconds: row["confirmed_at"]))
        }
    }
}

extension AttemptOutcome {
    fileprivate var inLedger: LedgerEvent.Outcome {
        switch self {
        case .delivered: .success
        case .failed, .interrupted, .notDialled: .failure
        case .unknown: .unknown
        }
    }
}
