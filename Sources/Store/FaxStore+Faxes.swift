package import FaxModel
import FoundationEssentials
package import GRDB
package import Ledger
import Vault

extension FaxStore {
    /// Takes a fax in: the row and its document's key, in one durable commit. After this returns, the fax is never lost.
    /// - Parameter together: what else is written with it, such as the request by which the client knows it.
    /// - Throws: ``StoreFailure/revokedInitiator``, or what `together` throws: then nothing was accepted.
    package func accept(
        _ fax: FaxRecord, document: StoredDocument, by initiator: Initiator,
        alsoInTransaction together: (@Sendable (Database) throws -> Void)? = nil
    ) async throws {
        try await accept([(fax, document)], by: initiator, alsoInTransaction: together)
    }

    /// As ``accept(_:document:by:alsoInTransaction:)``, for several faxes: all or none.
    package func accept(
        _ faxes: [(fax: FaxRecord, document: StoredDocument)], by initiator: Initiator,
        alsoInTransaction together: (@Sendable (Database) throws -> Void)? = nil
    ) async throws {
        let rows = try faxes.map { try AcceptedRow($0.fax, document: $0.document, by: initiator, store: self) }
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            for row in rows {
                try Self.insert(row.document, in: database)
                try row.insert(in: database)
                try ledger.append(row.event, in: database)
                try append(
                    FaxEventType(row.fax.state), of: row.fax.id,
                    [("state", .text(row.fax.state.rawValue)), ("status", .text(row.fax.state.contractStatus))], at: row.fax.createdAt,
                    in: database)
            }
            try together?(database)
        }
    }

    /// The fax with its attempts and their pages, or nil.
    package func fax(_ id: FaxID) async throws -> FaxRecord? {
        try await read { [columns] database in
            let statement = try database.cachedStatement(sql: "SELECT * FROM faxes WHERE id = ?")
            guard let row = try Row.fetchOne(statement, arguments: [id.text]) else { return nil }
            var fax = try Self.fax(row, columns: columns)
            fax.attempts = try Self.attempts(of: id, in: database)
            return fax
        }
    }

    /// Faxes, newest first, without their attempts.
    /// - Parameters:
    ///   - owner: only those of this key; nil for all.
    ///   - mailboxes: those of these too, whoever sent them.
    ///   - before: only those older than this id.
    package func faxes(
        owner: String? = nil, orIn mailboxes: Set<String> = [], before: FaxID? = nil, limit: Int
    ) async throws -> [FaxRecord] {
        let places = mailboxes.isEmpty ? "" : " OR mailbox IN (\(mailboxes.map { _ in "?" }.joined(separator: ", ")))"
        let arguments: StatementArguments = [owner, owner] + StatementArguments(mailboxes.sorted()) + [before?.text, before?.text, limit]
        return try await read { [columns] database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM faxes WHERE (? IS NULL OR owner = ?\(places)) AND (? IS NULL OR id < ?)
                    ORDER BY id DESC LIMIT ?
                    """, arguments: arguments
            ).map { try Self.fax($0, columns: columns) }
        }
    }

    /// The words of the index `faxes_in_work`: SQLite takes a partial index only for a query that repeats its condition.
    static let inWork =
        """
        SELECT id FROM faxes WHERE state = ?
            AND state IN ('accepted', 'rendering', 'scheduled', 'queued', 'held', 'sending', 'unknown') ORDER BY id LIMIT ?
        """

    /// The oldest faxes in `state`, which is one in which a fax has still a way to go: none are found in the others.
    package func faxes(in state: FaxState, limit: Int) async throws -> [FaxID] {
        try await read { database in
            try String.fetchAll(
                database.cachedStatement(sql: Self.inWork),
                arguments: [state.rawValue, limit]
            ).compactMap { FaxID($0) }
        }
    }

    /// The one way by which a fax changes its state.
    /// - Returns: the new state, or nil when the event changed nothing (it is late, repeated or not for this state).
    package func apply(_ event: FaxEvent, to id: FaxID, error: String? = nil) async throws -> FaxState? {
        let now = clock()
        return try await commit { try self.apply(event, to: id, error: error, now: now, in: $0) }
    }

    /// The document has been made into pages: they and the new state in one commit.
    package func rendered(_ id: FaxID, image: StoredDocument, pages: Int) async throws {
        let now = clock()
        try await commit { [self] database in
            let select = try database.cachedStatement(sql: "SELECT hold, due_at, image FROM faxes WHERE id = ?")
            guard let row = try Row.fetchOne(select, arguments: [id.text]) else { return }
            let wait: FaxEvent.Wait =
                row["hold"] as String? != nil ? .person : row["due_at"] as Int64 > now.milliseconds ? .time : .line
            let error = (row["hold"] as String?).flatMap { HoldReason(rawValue: $0) }?.sentence
            guard try apply(.rendered(wait), to: id, error: error, now: now, in: database) != nil else { return }
            try Self.insert(image, in: database)
            try ledger.append(
                LedgerEvent(
                    .faxRendered, object: "fax/\(id)", by: .system,
                    details: [
                        "document": .text(image.id.rawValue), "sha256": .text(Self.hex(image.sha256)),
                        "size": .integer(Int64(image.size)), "pages": .integer(Int64(pages)),
                    ]), in: database)
            if let old = (row["image"] as String?).flatMap({ DocumentID($0) }) {
                // Pages of another resolution, of which every call has its own copy.
                try shred(
                    try Self.document(old, in: database), of: id, cause: .superseded, isOwn: false, by: .system, now: now, in: database)
            }
            try database.execute(
                sql: "UPDATE faxes SET image = ?, pages = ? WHERE id = ?", arguments: [image.id.rawValue, pages, id.text])
        }
    }

    /// What a stop left in mid-way is put where it belongs: documents in rendering begin again, calls in progress become `unknown`.
    /// - Returns: how many calls' outcomes are unknown now.
    package func recoverAfterStop() async throws -> Int {
        let now = clock()
        return try await commit { [self] database in
            for id in try Self.ids(in: .rendering, database) {
                _ = try apply(.renderingInterrupted, to: id, error: nil, now: now, in: database)
            }
            let calls = try Self.ids(in: .sending, database)
            for id in calls {
                try database.execute(
                    sql: """
                        UPDATE attempts SET phase = 'ended', outcome = 'unknown', ended_at = ?,
                            evidence = 'the server stopped during the call' WHERE fax = ? AND outcome IS NULL
                        """, arguments: [now.milliseconds, id.text])
                try ledger.append(
                    LedgerEvent(
                        .attemptEnded, object: "fax/\(id)", by: .system, outcome: .unknown,
                        details: ["outcome": "unknown", "evidence": "the server stopped during the call"]), in: database)
                _ = try apply(
                    .attemptEnded(.unknown, .hold), to: id, error: Self.unknownOutcome, now: now, in: database)
            }
            return calls.count + (try holdAfterRollback(now: now, in: database))
        }
    }

    /// An older copy of the database does not know what was sent after it was made: nothing of it is dialled by itself.
    private func holdAfterRollback(now: Timestamp, in database: Database) throws -> Int {
        try database.execute(sql: "DELETE FROM meta WHERE name = 'hold_after_rollback'")
        guard database.changesCount == 1 else { return 0 }
        var held = 0
        for state in [FaxState.accepted, .rendering, .scheduled, .queued, .held] {
            for id in try Self.ids(in: state, database)
            where try apply(
                .restoredFromBackup, to: id, error: Self.restored, now: now, in: database) != nil
            { held += 1 }
        }
        try database.execute(sql: "DELETE FROM pdf_tokens")
        return held
    }

    /// What a person reads about a fax whose outcome is unknown.
    static let unknownOutcome =
        "The outcome of the call was lost, so it is not known whether the fax arrived. It is not sent again by itself: ask the recipient, "
        + "then say what came of it (faxlock reconcile)."

    /// - Parameters:
    ///   - error: what a person reads; nil takes away what stood there.
    ///   - initiator: who asked for it.
    /// - Returns: the new state; `held` where it would be `queued` or `scheduled` and the lists refuse its number.
    func apply(
        _ event: FaxEvent, to id: FaxID, error: String?, now: Timestamp, by initiator: Initiator = .system, in database: Database
    ) throws -> FaxState? {
        let select = try database.cachedStatement(
            sql: """
                SELECT id, state, pages, pages_confirmed, hold, number_index, sealed_number, image, cancel_requested_at, resolution, progress
                FROM faxes WHERE id = ?
                """)
        guard let row = try Row.fetchOne(select, arguments: [id.text]), let state = FaxState(rawValue: row["state"]),
            let next = state.applying(event)
        else { return nil }
        try database.cachedStatement(
            sql: "UPDATE faxes SET state = ?, error = ?, updated_at = ?, moved_at = ?, stalled_at = NULL WHERE id = ?"
        ).execute(arguments: [next.rawValue, error, now.milliseconds, now.milliseconds, id.text])
        var details: [String: LedgerValue] = ["from": .text(state.rawValue), "to": .text(next.rawValue)]
        if next == .held, let hold = row["hold"] as String? { details["hold"] = .text(hold) }
        try ledger.append(LedgerEvent(.faxStateChanged, object: "fax/\(id)", by: initiator, details: details), in: database)
        var values: [(String, EventValue)] = [("state", .text(next.rawValue)), ("status", .text(next.contractStatus))]
        if let pages = row["pages"] as Int? { values += [("pages", .number(pages)), ("pages_confirmed", .number(row["pages_confirmed"]))] }
        if next == .held, let hold = row["hold"] as String? { values.append(("hold", .text(hold))) }
        try append(FaxEventType(next), of: id, values, at: now, in: database)
        if [state, next].contains(where: { $0 == .queued || $0 == .sending }) {
            try refreshLane(row["number_index"], now: now, in: database)
        }
        if next == .queued || next == .scheduled, let held = try holdIfBarred(id, after: event, row, now: now, in: database) { return held }
        return next
    }

    static func ids(in state: FaxState, _ database: Database) throws -> [FaxID] {
        try String.fetchAll(database, sql: inWork, arguments: [state.rawValue, -1])
            .compactMap { FaxID($0) }
    }

    static func fax(_ row: Row, columns: SealedColumns) throws -> FaxRecord {
        let id: String = row["id"]
        let image: String? = row["image"]
        guard let faxID = FaxID(id), let state = FaxState(rawValue: row["state"]),
            let number = PhoneNumber(try columns.open(row["sealed_number"], .faxNumber, row: id)),
            let resolution = Resolution(rawValue: row["resolution"]), let document = DocumentID(row["document"])
        else { throw StoreFailure.damagedRow(table: "faxes", row: id) }
        var fax = FaxRecord(
            id: faxID, mailbox: row["mailbox"], state: state, owner: row["owner"], number: number, backend: row["backend"],
            format: row["format"],
            resolution: resolution, paper: row["paper"], pages: row["pages"], pagesConfirmed: row["pages_confirmed"],
            document: document, image: image.flatMap { DocumentID($0) }, error: row["error"],
            createdAt: Timestamp(milliseconds: row["created_at"]), updatedAt: Timestamp(milliseconds: row["updated_at"]),
            terms: try FaxTerms(row, columns: columns), hold: (row["hold"] as String?).flatMap { HoldReason(rawValue: $0) },
            batch: (row["batch"] as String?).flatMap { FaxID($0) }, resentFrom: (row["resent_from"] as String?).flatMap { FaxID($0) })
        fax.progress = try progress(row)
        fax.rank = row["rank"]
        fax.dueAt = Timestamp(milliseconds: row["due_at"])
        fax.notAfter = Timestamp(milliseconds: row["not_after"])
        fax.isCancelRequested = row["cancel_requested_at"] as Int64? != nil
        fax.stalledAt = (row["stalled_at"] as Int64?).map { Timestamp(milliseconds: $0) }
        return fax
    }

    static func progress(_ row: Row) throws -> RetryProgress {
        guard let text = row["progress"] as String? else { return RetryProgress() }
        return try JSONDecoder().decode(RetryProgress.self, from: Data(text.utf8))
    }
}
