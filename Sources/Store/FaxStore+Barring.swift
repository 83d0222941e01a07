import FaxModel
import FoundationEssentials
import GRDB
import Ledger

/// What the lists refuse is not dialled, however long ago it was accepted: faxes that wait for a line or for their time are held in the
/// transaction of the list's change, and each that begins to wait later, as after a call, in the transaction in which it does.
extension FaxStore {
    static let waitingToNumber = """
        SELECT id FROM faxes INDEXED BY faxes_in_lane WHERE number_index = :number AND state = 'queued'
        UNION ALL SELECT id FROM faxes INDEXED BY faxes_scheduled_to WHERE number_index = :number AND state = 'scheduled'
        """
    /// One fax of each number.
    static let waitingNumbers = """
        SELECT min(id) AS id, number_index, sealed_number FROM faxes INDEXED BY faxes_in_lane
        WHERE state = 'queued' GROUP BY number_index
        UNION ALL SELECT min(id) AS id, number_index, sealed_number FROM faxes INDEXED BY faxes_scheduled_to
        WHERE state = 'scheduled' GROUP BY number_index
        """
    static let hasBarredPrefix =
        "SELECT 1 FROM recipients INDEXED BY recipients_prefixes WHERE is_prefix AND status NOT IN ('known', 'allowed') LIMIT 1"
    private static let listedStatus = "SELECT status FROM recipients WHERE entry_index = ?"

    /// Holds what waits for a number that the lists refuse now, of those that an entry is about.
    /// - Parameter number: as ``RecipientRecord/number``.
    func holdBarred(_ number: String, isPrefix: Bool, by initiator: Initiator, now: Timestamp, in database: Database) throws {
        var barred: Set<Data> = []
        if isPrefix {
            barred = try barredNumbers(from: number, in: database)
        } else if case let index = try columns.index(number: number), try isBarred(index, number: { number }, in: database) {
            barred = [index]
        }
        for index in barred {
            let faxes = try String.fetchAll(database.cachedStatement(sql: Self.waitingToNumber), arguments: ["number": index])
            for fax in faxes.compactMap({ FaxID($0) }) { _ = try holdAsBarred(fax, now: now, by: initiator, in: database) }
        }
    }

    /// The numbers with a prefix for which faxes wait and which the lists refuse.
    private func barredNumbers(from prefix: String, in database: Database) throws -> Set<Data> {
        guard try hasBarredPrefixes(in: database) else { return [] }
        let digits = prefix.filter { $0 != "+" }
        var barred: Set<Data> = []
        let rows = try Row.fetchCursor(database.cachedStatement(sql: Self.waitingNumbers))
        while let row = try rows.next() {
            // A number that does not open cannot be dialled; it keeps nobody from changing a list.
            guard let number = try? openNumber(row), number.filter({ $0 != "+" }).hasPrefix(digits) else { continue }
            let index: Data = row["number_index"]
            if try isBarred(index, number: { number }, in: database) { barred.insert(index) }
        }
        return barred
    }

    /// Holds a fax that has just come to wait, if the lists refuse its number.
    /// - Parameter row: of the fax, as ``apply(_:to:error:now:by:in:)`` reads it, before `event`.
    /// - Returns: its new state, or nil where it may go.
    func holdIfBarred(_ id: FaxID, after event: FaxEvent, _ row: Row, now: Timestamp, in database: Database) throws -> FaxState? {
        // Who settles a lost outcome moves on himself, in this transaction, what was withdrawn or has no pages.
        if case .reconciled = event, row["image"] as String? == nil || row["cancel_requested_at"] as Int64? != nil { return nil }
        guard try isBarred(row["number_index"], number: { try openNumber(row) }, in: database) else { return nil }
        var progress = try Self.progress(row)
        if progress.isReduced, row["resolution"] as String != Resolution.standard.rawValue {
            // Its pages were to be made anew, which a held fax's are not: the next call finds that out again.
            progress.isReduced = false
            try database.execute(sql: "UPDATE faxes SET progress = ? WHERE id = ?", arguments: [try Self.json(progress), id.text])
        }
        return try holdAsBarred(id, now: now, by: .system, in: database)
    }

    private func holdAsBarred(_ id: FaxID, now: Timestamp, by initiator: Initiator, in database: Database) throws -> FaxState? {
        let reason = HoldReason.recipientBarred
        try database.cachedStatement(sql: "UPDATE faxes SET hold = ? WHERE id = ?").execute(arguments: [reason.rawValue, id.text])
        return try apply(.held, to: id, error: reason.sentence, now: now, by: initiator, in: database)
    }

    /// Whether the lists refuse a number: its own entry goes before one of many numbers, and of those the longest.
    private func isBarred(_ index: Data, number: () throws -> String, in database: Database) throws -> Bool {
        switch try status(index, in: database) {
        case .allowed: return false
        case .known, nil: break
        case .denied, .doNotFax, .changed, .retired: return true
        }
        guard try hasBarredPrefixes(in: database) else { return false }
        let digits = try number().filter { $0 != "+" }
        for count in (1...max(1, digits.count)).reversed() {
            if let status = try status(columns.index(prefix: String(digits.prefix(count))), in: database) { return status.isRefused }
        }
        return false
    }

    /// A word of another release counts as a refusal.
    private func status(_ index: Data, in database: Database) throws -> RecipientRecord.Status? {
        try String.fetchOne(database.cachedStatement(sql: Self.listedStatus), arguments: [index])
            .map { RecipientRecord.Status(rawValue: $0) ?? .denied }
    }

    private func hasBarredPrefixes(in database: Database) throws -> Bool {
        try Int.fetchOne(database.cachedStatement(sql: Self.hasBarredPrefix)) != nil
    }

    private func openNumber(_ row: Row) throws -> String {
        try columns.open(row["sealed_number"], .faxNumber, row: row["id"])
    }
}
