import FaxModel
import FoundationEssentials
import GRDB
import Ledger

/// What the lists refuse is not dialled, however long ago it was accepted: faxes that wait for a line or for their time are held right after the
/// list's change, each that begins to wait later, as after a call, in the transaction in which it does, and what is left when it is about to be
/// called.
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

    /// Holds what waits for a number that the lists refuse now, of those that an entry is about. In pieces: others can write meanwhile.
    /// - Parameters:
    ///   - number: as ``RecipientRecord/number``.
    ///   - piece: faxes and numbers of a transaction.
    func holdBarred(_ number: String, isPrefix: Bool, by initiator: Initiator, piece: Int = 500) async throws {
        var numbers = [(index: try columns.index(number: number), number: number)]
        if isPrefix { numbers = try await read { [self] in try waitingNumbers(from: number, in: $0) } }
        for start in stride(from: 0, to: numbers.count, by: piece) {
            let some = Array(numbers[start..<min(start + piece, numbers.count)])
            while try await commit({ [self] in try holdBarred(some, limit: piece, by: initiator, in: $0) }) == piece {}
        }
    }

    /// - Returns: how many faxes were held, `limit` at most.
    private func holdBarred(
        _ numbers: [(index: Data, number: String)], limit: Int, by initiator: Initiator, in database: Database
    ) throws -> Int {
        let now = clock()
        var held = 0
        for (index, number) in numbers where held < limit {
            guard try isBarred(index, number: { number }, in: database) else { continue }
            let faxes = try String.fetchAll(database.cachedStatement(sql: Self.waitingToNumber), arguments: ["number": index])
            for fax in faxes.compactMap({ FaxID($0) }).prefix(limit - held) {
                _ = try holdAsBarred(fax, now: now, by: initiator, in: database)
                held += 1
            }
        }
        return held
    }

    /// The numbers with a prefix for which faxes wait.
    private func waitingNumbers(from prefix: String, in database: Database) throws -> [(index: Data, number: String)] {
        let digits = prefix.filter { $0 != "+" }
        var numbers: [(index: Data, number: String)] = []
        let rows = try Row.fetchCursor(database.cachedStatement(sql: Self.waitingNumbers))
        while let row = try rows.next() {
            // One that does not open keeps nobody from changing a list; it is held when it is about to be called.
            guard let number = try? openNumber(row), number.filter({ $0 != "+" }).hasPrefix(digits) else { continue }
            numbers.append((row["number_index"], number))
        }
        return numbers
    }

    /// Holds a fax that is about to be called, if the lists refuse its number: they may have changed while this server was not there, or while
    /// a change is still on its way to all that wait.
    /// - Returns: whether there must be no call.
    func holdBeforeCall(_ id: FaxID, now: Timestamp, in database: Database) throws -> Bool {
        let select = try database.cachedStatement(sql: "SELECT id, state, number_index, sealed_number FROM faxes WHERE id = ?")
        guard let row = try Row.fetchOne(select, arguments: [id.text]), row["state"] as String == FaxState.queued.rawValue,
            try isBarred(row["number_index"], number: { try openNumber(row) }, in: database)
        else { return false }
        _ = try holdAsBarred(id, now: now, by: .system, in: database)
        return true
    }

    /// Holds a fax that has just come to wait, if the lists refuse its number.
    /// - Parameter row: of the fax, as ``apply(_:to:error:now:by:in:)`` reads it, before `event`.
    /// - Returns: its new state, or nil where it may go.
    func holdIfBarred(_ id: FaxID, after event: FaxEvent, _ row: Row, now: Timestamp, in database: Database) throws -> FaxState? {
        // Who settles a lost outcome moves on himself, in this transaction, what was withdrawn or has no pages.
        if case .reconciled = event, row["image"] as String? == nil || row["cancel_requested_at"] as Int64? != nil { return nil }
        guard try isBarred(row["number_index"], number: { try openNumber(row) }, in: database) else { return nil }
        if var progress = try? Self.progress(row), progress.isReduced, row["resolution"] as String != Resolution.standard.rawValue {
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

    /// Whether the lists refuse a number: its own entry goes before one of many numbers, and of those the longest. One that does not open is
    /// refused: it cannot be dialled, and what is held a person sees.
    private func isBarred(_ index: Data, number: () throws -> String, in database: Database) throws -> Bool {
        if let own = try status(index, in: database), own != .known { return own.isRefused }
        guard try isListedOnly || hasBarredPrefixes(in: database) else { return false }
        guard let digits = try? number().filter({ $0 != "+" }) else { return true }
        for count in (1...max(1, digits.count)).reversed() {
            guard let status = try status(columns.index(prefix: String(digits.prefix(count))), in: database) else { continue }
            return status.isRefused || status == .known && isListedOnly
        }
        return isListedOnly
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
