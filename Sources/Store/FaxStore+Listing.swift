package import FaxModel
import FoundationEssentials
import GRDB
import Vault

/// Which faxes a list has. What is nil narrows nothing.
package struct FaxFilter: Sendable {
    /// Only those of this key, and those of `mailboxes`; nil for all.
    package var owner: String?
    /// Those of these mailboxes too, whoever sent them; without effect where `owner` is nil.
    package var mailboxes: Set<String> = []
    package var states: Set<FaxState>?
    package var mailbox: String?
    package var tag: String?
    package var purpose: Purpose?
    package var priority: Priority?
    package var batch: FaxID?
    /// As it was dialled; `+` or not makes no difference.
    package var number: PhoneNumber?
    /// Accepted at this moment or later.
    package var since: Timestamp?
    /// Accepted before this moment.
    package var until: Timestamp?
    /// Only those older than this id.
    package var before: FaxID?

    package init() {}
}

extension FaxStore {
    /// Faxes, newest first, without their attempts.
    package func faxes(matching filter: FaxFilter, limit: Int) async throws -> [FaxRecord] {
        let query = try FaxQuery(filter, columns: columns)
        return try await read { [columns] database in
            try Row.fetchAll(database, sql: query.sql, arguments: query.arguments + [limit])
                .map { try Self.fax($0, columns: columns) }
        }
    }
}

/// The SQL of a filter: every value is an argument.
struct FaxQuery: Sendable {
    /// The states of the index `faxes_in_work`: SQLite takes a partial index only for a query that repeats its condition.
    private static let inWork: Set<FaxState> = [.accepted, .rendering, .scheduled, .queued, .held, .sending, .unknown]
    private static let isInWork = "state IN ('accepted', 'rendering', 'scheduled', 'queued', 'held', 'sending', 'unknown')"

    private(set) var sql: String
    private(set) var arguments = StatementArguments()

    init(_ filter: FaxFilter, columns: SealedColumns) throws {
        var conditions: [String] = []
        var arguments = StatementArguments()
        func narrow(_ condition: String, _ values: StatementArguments) {
            conditions.append(condition)
            arguments += values
        }
        if let owner = filter.owner {
            let mailboxes = filter.mailboxes.sorted()
            let others = mailboxes.isEmpty ? "" : " OR mailbox IN (\(Self.places(mailboxes.count)))"
            narrow("(owner = ?\(others))", [owner] + StatementArguments(mailboxes))
        }
        if let states = filter.states {
            if states.isSubset(of: Self.inWork) { conditions.append(Self.isInWork) }
            narrow("state IN (\(Self.places(states.count)))", StatementArguments(states.map(\.rawValue).sorted()))
        }
        if let mailbox = filter.mailbox { narrow("mailbox = ?", [mailbox]) }
        if let tag = filter.tag { narrow("id IN (SELECT fax FROM fax_tags WHERE tag_index = ?)", [try columns.index(tag: tag)]) }
        if let purpose = filter.purpose { narrow("purpose = ?", [purpose.rawValue]) }
        if let priority = filter.priority { narrow("priority = ?", [priority.rawValue]) }
        if let batch = filter.batch { narrow("batch = ?", [batch.text]) }
        if let number = filter.number { narrow("number_index = ?", [try columns.index(number: number.dialString)]) }
        // Ids begin with the moment of acceptance, and the primary key is in their order.
        if let since = filter.since { narrow("id >= ? AND created_at >= ?", [FaxID.bound(since), since.milliseconds]) }
        if let until = filter.until { narrow("id < ? AND created_at < ?", [FaxID.bound(until), until.milliseconds]) }
        if let before = filter.before { narrow("id < ?", [before.text]) }
        let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        sql = "SELECT * FROM faxes\(condition) ORDER BY id DESC LIMIT ?"
        self.arguments = arguments
    }

    private static func places(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
}
