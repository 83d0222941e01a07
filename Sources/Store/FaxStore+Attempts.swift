package import FaxModel
import FoundationEssentials
import GRDB
import Ledger
import Vault

extension FaxStore {
    /// A call as it is about to be made.
    package struct Intent: Sendable {
        package let backend: String
        /// The name of the route by which it goes.
        package let route: String
        /// By which the far side or the provider knows the call.
        package let reference: String
        /// What is transmitted.
        package let image: StoredDocument
        package let mode: CallMode
        /// The rung of the ladder that `mode` is.
        package let rung: Int
        /// The first page to send, from 0.
        package let firstPage: Int
        /// Pages of the call's file before the fax's own, where several faxes share a call.
        package let offset: Int

        package init(
            backend: String, route: String = "", reference: String, image: StoredDocument, mode: CallMode = .rung(0), rung: Int = 0,
            firstPage: Int = 0, offset: Int = 0
        ) {
            self.backend = backend
            self.route = route
            self.reference = reference
            self.image = image
            self.mode = mode
            self.rung = rung
            self.firstPage = firstPage
            self.offset = offset
        }
    }

    /// A fax of a call must not be sent (any more).
    private struct IntentRefused: Error {}

    /// Commits that a call with one fax is about to be made, as ``intendAttempts(_:)`` does.
    package func intendAttempt(for id: FaxID, _ intent: Intent) async throws -> Int? {
        try await intendAttempts([(id, intent)])?.first
    }

    /// Commits that a call is about to be made. Nothing of the call may leave this machine before this returned.
    /// - Parameter faxes: all to the same destination, in the order in which they go.
    /// - Returns: the numbers of the attempts, or nil when there must be no call: one of the faxes is not `queued` any more, its time is over,
    ///   the lists refuse its number, or the destination is being called.
    package func intendAttempts(_ faxes: [(id: FaxID, intent: Intent)]) async throws -> [Int]? {
        let now = clock()
        do {
            return try await commit { [self] database in
                try Self.requireLead(fence, in: database)
                // The first takes the lane for all.
                let isBusy = try database.cachedStatement(
                    sql: """
                        SELECT 1 FROM faxes JOIN faxes AS other ON other.number_index = faxes.number_index AND other.state = 'sending'
                        WHERE faxes.id = ?
                        """)
                for (id, _) in faxes where try Int.fetchOne(isBusy, arguments: [id.text]) != nil { throw IntentRefused() }
                // Not thrown: what is held stays so.
                let barred = try faxes.filter { try holdBeforeCall($0.id, now: now, in: database) }
                guard barred.isEmpty else { return nil }
                return try faxes.map { try intend($0.id, $0.intent, now: now, in: database) }
            }
        } catch is IntentRefused {
            return nil
        }
    }

    private func intend(_ id: FaxID, _ intent: Intent, now: Timestamp, in database: Database) throws -> Int {
        // The pages were made for a fax that had so many confirmed.
        let select = try database.cachedStatement(
            sql: "SELECT progress FROM faxes WHERE id = ? AND due_at <= ? AND not_after >= ? AND pages_confirmed = ?")
        guard let row = try Row.fetchOne(select, arguments: [id.text, now.milliseconds, now.milliseconds, intent.firstPage]),
            try apply(.attemptIntended, to: id, error: nil, now: now, in: database) != nil
        else { throw IntentRefused() }
        var progress = try Self.progress(row)
        progress.rung = intent.rung
        try Self.insert(intent.image, in: database)
        let last = try Int.fetchOne(database, sql: "SELECT max(number) FROM attempts WHERE fax = ?", arguments: [id.text])
        let number = (last ?? 0) + 1
        try database.cachedStatement(
            sql: """
                INSERT INTO attempts (fax, number, fence, phase, backend, route, reference, image, media, max_rate, ecm_asked,
                    first_page, file_offset, intent_at)
                VALUES (?, ?, ?, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                id.text, number, fence, intent.backend, intent.route, intent.reference, intent.image.id.rawValue,
                intent.mode.media.rawValue, intent.mode.maximumBitRate, intent.mode.errorCorrection, intent.firstPage, intent.offset,
                now.milliseconds,
            ])
        try database.cachedStatement(sql: "UPDATE faxes SET progress = ? WHERE id = ?")
            .execute(arguments: [try Self.json(progress), id.text])
        try ledger.append(
            LedgerEvent(
                .attemptIntended, object: "fax/\(id)", by: .system,
                details: [
                    "attempt": .integer(Int64(number)), "backend": .text(intent.backend), "route": .text(intent.route),
                    "reference": .text(intent.reference), "document": .text(intent.image.id.rawValue),
                    "sha256": .text(Self.hex(intent.image.sha256)),
                ]), in: database)
        return number
    }

    /// The far end answered.
    /// - Throws: ``StoreFailure/staleFence`` when another server has taken over.
    package func attemptStarted(_ id: FaxID, attempt: Int) async throws {
        let now = clock()
        try await commit { [self] database in
            try Self.update(
                database, fence: fence, sql: "UPDATE attempts SET phase = 'started', started_at = ? WHERE outcome IS NULL",
                arguments: [now.milliseconds], fax: id, attempt: attempt)
            try ledger.append(
                LedgerEvent(
                    .attemptStarted, object: "fax/\(id)", by: .system, details: ["attempt": .integer(Int64(attempt))]), in: database)
            try moved(id, now: now, in: database)
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
        try await commit { [self] database in
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
            try moved(id, now: page.confirmedAt, in: database)
            try append(
                .pageConfirmed, of: id, [("attempt", .number(attempt)), ("page", .number(page.page + 1))], at: page.confirmedAt,
                in: database)
        }
    }

    /// A call's end as its backend reports it.
    package struct CallReport: Sendable {
        package let outcome: AttemptOutcome
        /// Protocol facts, without anything of the fax in them.
        package let evidence: String
        package let retryAfter: Duration?
        /// The call's T.30 frames in words.
        package let trace: String?

        package init(_ outcome: AttemptOutcome, evidence: String, retryAfter: Duration? = nil, trace: String? = nil) {
            self.outcome = outcome
            self.evidence = evidence
            self.retryAfter = retryAfter
            self.trace = trace
        }
    }

    /// What is known of a fax when one of its calls has ended.
    package struct EndedCall: Sendable {
        package let fax: FaxRecord
        package let outcome: AttemptOutcome
        /// Calls to the destination without an answer, in a row, that were for other faxes.
        package let othersUnanswered: Int
        package let report: CallReport
    }

    /// The call is over, and what came of it. A second report changes nothing.
    /// - Parameter decide: what follows; asked inside of the commit.
    /// - Returns: what was made of the report, and the fax's new state.
    /// - Throws: ``StoreFailure/staleFence``.
    @discardableResult
    package func attemptEnded(
        _ id: FaxID, attempt: Int, report: CallReport, decide: @escaping @Sendable (EndedCall) -> RetryDecision
    ) async throws -> (outcome: AttemptOutcome, state: FaxState?) {
        let now = clock()
        return try await commit { [self] database in
            guard let row = try Row.fetchOne(database.cachedStatement(sql: "SELECT * FROM faxes WHERE id = ?"), arguments: [id.text]) else {
                throw StoreFailure.unknownFax(id)
            }
            let fax = try Self.fax(row, columns: columns)
            let outcome = report.outcome.judged(confirmed: fax.pagesConfirmed, pages: fax.pages ?? 0)
            let select = try database.cachedStatement(
                sql: """
                    SELECT (SELECT count(*) FROM attempt_pages WHERE fax = attempts.fax AND attempt = attempts.number) AS pages
                    FROM attempts WHERE fax = ? AND number = ?
                    """)
            guard let call = try Row.fetchOne(select, arguments: [id.text, attempt]) else { throw StoreFailure.staleFence }
            // Not what was reported: then the reason is how much arrived.
            let evidence =
                outcome == report.outcome
                ? report.evidence : "\(report.evidence); \(fax.pagesConfirmed) of \(fax.pages ?? 0) pages confirmed"
            let report = CallReport(outcome, evidence: evidence, retryAfter: report.retryAfter, trace: report.trace)
            var cause: FailureCause?
            if case .failed(let failure) = outcome { cause = failure }
            try Self.update(
                database, fence: fence,
                sql: """
                    UPDATE attempts SET phase = 'ended', ended_at = ?, outcome = ?, cause = ?, evidence = ?, trace = ?
                    WHERE outcome IS NULL
                    """,
                arguments: [
                    now.milliseconds, outcome.name, cause?.rawValue, report.evidence, outcome == .delivered ? nil : report.trace,
                ], fax: id, attempt: attempt)
            var details: [String: LedgerValue] = [
                "attempt": .integer(Int64(attempt)), "outcome": .text(outcome.name), "pages": .integer(call["pages"]),
                "evidence": .text(report.evidence),
            ]
            if let cause { details["cause"] = .text(cause.rawValue) }
            try ledger.append(
                LedgerEvent(.attemptEnded, object: "fax/\(id)", by: .system, outcome: outcome.inLedger, details: details), in: database)
            let unanswered = try unanswered(of: fax, outcome: outcome, now: now, in: database)
            let decision = decide(
                EndedCall(
                    fax: fax, outcome: outcome, othersUnanswered: max(0, unanswered - fax.progress.noAnswer),
                    report: report))
            let next = fax.isCancelRequested ? FaxEvent.AfterAttempt.cancelled : decision.next
            var values: [(String, EventValue)] = [
                ("attempt", .number(attempt)), ("outcome", .text(outcome.name)), ("pages_confirmed", .number(fax.pagesConfirmed)),
            ]
            if let cause { values.append(("cause", .text(cause.rawValue))) }
            if next == .again, let due = decision.dueAt { values.append(("next_at", .text(due.description))) }
            try append(.attemptEnded, of: id, values, at: now, in: database)
            try prepare(fax, for: decision, outcome: outcome, now: now, in: database)
            let sentence = Self.sentence(outcome, next, decision, report)
            var state = try apply(.attemptEnded(outcome, next), to: id, error: sentence, now: now, in: database)
            if state == .queued, decision.isReduced {
                try database.execute(sql: "UPDATE faxes SET resolution = 'standard' WHERE id = ?", arguments: [id.text])
                state = try apply(.rerenderingNeeded, to: id, error: sentence, now: now, in: database)
            }
            return (outcome, state)
        }
    }

    /// What the decision changes beside the state.
    private func prepare(
        _ fax: FaxRecord, for decision: RetryDecision, outcome: AttemptOutcome, now: Timestamp, in database: Database
    ) throws {
        try database.cachedStatement(sql: "UPDATE faxes SET progress = ?, rank = ?, due_at = coalesce(?, due_at), hold = ? WHERE id = ?")
            .execute(arguments: [
                try Self.json(decision.progress), fax.terms.priority.rank(afterFailures: decision.progress.failures),
                decision.dueAt?.milliseconds, decision.next == .hold ? decision.hold?.rawValue : nil, fax.id.text,
            ])
        if let moment = decision.laneDueAt { try restLane(of: fax.id, until: moment, in: database) }
        guard outcome == .delivered else { return }
        try database.cachedStatement(sql: "UPDATE destination_memory SET rung = ?, worked_at = ? WHERE number_index = ?")
            .execute(arguments: [decision.progress.rung, now.milliseconds, try columns.index(number: fax.number.dialString)])
    }

    /// Calls to a destination in a row that nobody answered, before this one; remembers what this one came to.
    private func unanswered(of fax: FaxRecord, outcome: AttemptOutcome, now: Timestamp, in database: Database) throws -> Int {
        let index = try columns.index(number: fax.number.dialString)
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT unanswered, unanswered_at FROM destination_memory WHERE number_index = ?"),
            arguments: [index])
        var count: Int = row?["unanswered"] ?? 0
        if now.milliseconds - (row?["unanswered_at"] ?? 0) >= retryPolicy.pause.components.seconds * 1000 { count = 0 }
        let after: Int
        switch outcome {
        case .failed(.noAnswer): after = count + 1
        // A call that the network or this machine lost says nothing of who would have answered.
        case .notDialled, .interrupted, .unknown, .failed(.congestion), .failed(.line): after = count
        default: after = 0
        }
        try database.cachedStatement(
            sql: """
                INSERT INTO destination_memory (number_index, unanswered, unanswered_at) VALUES (?, ?, ?)
                ON CONFLICT (number_index) DO UPDATE SET unanswered = excluded.unanswered, unanswered_at = excluded.unanswered_at
                """
        ).execute(arguments: [index, after, now.milliseconds])
        return count
    }

    private static func sentence(
        _ outcome: AttemptOutcome, _ next: FaxEvent.AfterAttempt, _ decision: RetryDecision, _ report: CallReport
    ) -> String? {
        let cancelled = "It was cancelled during a call; what was confirmed before has arrived."
        return switch outcome {
        case .delivered: nil
        case .unknown: "\(unknownOutcome) (\(report.evidence))"
        case .interrupted, .notDialled: next == .cancelled ? cancelled : decision.reason
        case .failed(let cause):
            next == .cancelled
                ? cancelled
                : [decision.reason, decision.hold?.sentence, "\(cause.sentence) (\(report.evidence))"].compactMap { $0 }.joined(
                    separator: " ")
        }
    }

    /// Something happened to a fax: it is not stalled.
    private func moved(_ id: FaxID, now: Timestamp, in database: Database) throws {
        try database.cachedStatement(sql: "UPDATE faxes SET moved_at = ?, stalled_at = NULL WHERE id = ?")
            .execute(arguments: [now.milliseconds, id.text])
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
                number: number, phase: phase, backend: row["backend"], route: row["route"], mode: mode(row), firstPage: row["first_page"],
                reference: row["reference"], image: image,
                intentAt: Timestamp(milliseconds: row["intent_at"]),
                startedAt: (row["started_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                endedAt: (row["ended_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                outcome: row["outcome"], cause: cause.flatMap { FailureCause(rawValue: $0) }, trace: row["trace"],
                evidence: row["evidence"], bitRate: row["bit_rate"], errorCorrection: row["error_correction"],
                pages: try pages(of: id, attempt: number, in: database), receivedFax: received.flatMap { FaxID($0) })
        }
    }

    private static func mode(_ row: Row) -> CallMode? {
        guard let media = (row["media"] as String?).flatMap({ CallMode.Media(rawValue: $0) }), let rate = row["max_rate"] as Int?,
            let errorCorrection = row["ecm_asked"] as Bool?
        else { return nil }
        return CallMode(media: media, maximumBitRate: rate, errorCorrection: errorCorrection)
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
