import GRDB

/// Writes of concurrent callers in shared transactions, so that durability costs one fsync a group and not one a request.
///
/// Each operation runs in a savepoint: one that fails undoes itself only. A caller gets its answer after the commit (WAL,
/// `synchronous=FULL`: after fsync); if the commit fails, every caller of the group gets the error and nothing was written.
actor GroupCommit {
    private struct Entry: Sendable {
        /// Returns what to do once the group is durable.
        let perform: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    /// The transaction ended under an operation (SQLite rolls back by itself on a full disk).
    struct TransactionLost: Error {
        /// What the operation failed with.
        let cause: any Error
    }

    /// Bounds the time that the first of a group waits for the last.
    static let largestGroup = 256

    private let writer: any DatabaseWriter
    /// Goes back with what is undone.
    private let ledger: LedgerBook?
    private var waiting: [Entry] = []
    private var isDraining = false

    init(writer: any DatabaseWriter, ledger: LedgerBook? = nil) {
        self.writer = writer
        self.ledger = ledger
    }

    /// Runs `operation` in the next group.
    /// - Throws: what `operation` throws, or the database's error when the group could not be committed.
    func callAsFunction<Value: Sendable>(_ operation: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(
                Entry(
                    perform: { database in
                        let value = try operation(database)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
            if !isDraining {
                isDraining = true
                Task { await drain() }
            }
        }
    }

    private func drain() async {
        while !waiting.isEmpty {
            let group = Array(waiting.prefix(Self.largestGroup))
            waiting.removeFirst(group.count)
            let before = ledger?.state
            do {
                let answers = try await writer.write { [ledger] database in
                    try group.map { try Self.run($0, in: database, ledger) }
                }
                for answer in answers { answer() }
            } catch {
                if let before { ledger?.state = before }
                for entry in group { entry.fail(error) }
            }
        }
        isDraining = false
    }

    /// - Returns: what to do after the commit: answer with the value, or with the operation's own error.
    private static func run(_ entry: Entry, in database: Database, _ ledger: LedgerBook?) throws -> @Sendable () -> Void {
        let before = ledger?.state
        do {
            var answer: @Sendable () -> Void = {}
            try database.inSavepoint {
                answer = try entry.perform(database)
                return .commit
            }
            return answer
        } catch {
            guard database.isInsideTransaction else { throw TransactionLost(cause: error) }
            if let before { ledger?.state = before }
            return { entry.fail(error) }
        }
    }
}
