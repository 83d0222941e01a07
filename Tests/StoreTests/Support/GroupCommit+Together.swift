import GRDB
import Synchronization

@testable import Store

extension GroupCommit {
    /// Hands in all operations before the first of them can run, so that they share transactions: one up to the largest group.
    func group<Value: Sendable>(
        _ operations: [@Sendable (Database) throws -> Value]
    ) async -> [Result<Value, any Error>] {
        // On this actor, each task runs up to where it waits for its answer.
        let tasks = operations.map { operation in Task.immediate { try await self(operation) } }
        var results: [Result<Value, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }
}

/// Counts the commits that wrote something.
final class CommitCounter: TransactionObserver {
    private let commits = Mutex(0)

    var count: Int { commits.withLock { $0 } }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ database: Database) { commits.withLock { $0 += 1 } }
    func databaseDidRollback(_ database: Database) {}
}
