package import FaxModel
package import Ledger
package import Logging
package import Store
import Synchronization

/// Destroys what need not be kept (45 CFR 164.310(d)(2)(i)): at intervals, as soon as a fax is over, and when an operator asks.
///
/// A run is a row of small steps, each of which can be cut by a stop: documents lose their keys in one transaction a fax, then their
/// files go, then the keys of epochs in which nothing is left. The next run finds in the database where the last one stopped. What is
/// damaged stays, is logged, and keeps nothing else.
package struct RetentionRunner: Sendable {
    /// What a run destroyed.
    package struct Report: Sendable, Equatable {
        package var faxes = 0
        package var documents = 0
        /// Sealed files of these and of earlier runs.
        package var files = 0
        /// Keys of months, of single faxes and of released holds.
        package var epochs = 0
        /// Whether no destroyed key is left in the write-ahead log: false when a reader kept it from being emptied. The next run tries
        /// it again.
        package var isLogEmptied = true
    }

    /// Where a stop can cut a run.
    package enum Step: Sendable, Hashable, CaseIterable {
        /// A fax's documents lost their keys; their files are there.
        case shredded
        /// A file is gone; the database does not know it yet.
        case fileRemoved
        /// All files are gone; the keys of epochs are there.
        case filesRemoved
        /// An epoch's key is destroyed; others may be left.
        case epochDestroyed
        /// All is done; the write-ahead log has not been emptied.
        case done
    }

    /// What a run looks at.
    private enum Scope { case everything, succeeded }

    /// What a run did not destroy and goes on without.
    private struct Failures {
        private static let logged = 100

        private(set) var first: (any Error)?
        private var count = 0

        /// - Throws: the error, when it would meet everything else too: a stop, a full disk, a ledger that cannot be written.
        mutating func add(_ error: any Error, _ what: String, _ logger: Logger) throws {
            if error is CancellationError || error is LedgerBook.Unavailable || error.isStorageFull { throw error }
            first = first ?? error
            count += 1
            guard count <= Self.logged else { return }
            logger.error("\(what) could not be destroyed; the others are", metadata: ["error": "\(error)"])
        }
    }

    /// Faxes that are looked up at once.
    private static let batch = 100

    private let documents: Documents
    private let rules: RetentionRules
    private let interval: Duration
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let pause: @Sendable (Duration) async throws -> Void
    private let at: @Sendable (Step) async throws -> Void
    private let isDue = Flag()
    /// Whether the write-ahead log may hold destroyed keys. A stop may have come between these and its emptying.
    private let isLogFull = Flag()
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - interval: between two runs by itself (`CLEANUP_INTERVAL_MINUTES`).
    ///   - pause: waits that long.
    ///   - at: called after each step; what it throws ends the run there (tests).
    package init(
        documents: Documents, rules: RetentionRules, interval: Duration, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        at: @escaping @Sendable (Step) async throws -> Void = { _ in }
    ) {
        self.documents = documents
        self.rules = rules
        self.interval = interval
        self.clock = clock
        self.logger = logger
        self.pause = pause
        self.at = at
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        isLogFull.raise()
    }

    /// Says that a fax may have been delivered. Cheap.
    package func wake() {
        signal.yield()
    }

    /// Runs at once, at each interval and at each ``wake()``, until the task is cancelled.
    package func runUntilCancelled() async {
        isDue.raise()
        wake()
        await withTaskGroup { group in
            group.addTask {
                while (try? await pause(interval)) != nil {
                    isDue.raise()
                    wake()
                }
            }
            for await _ in signals {
                if Task.isCancelled { break }
                let scope = isDue.lower() ? Scope.everything : .succeeded
                do {
                    // What failed has been logged, and fails again until somebody mends it: the interval is soon enough.
                    log(try await run(scope, by: .system).report)
                } catch is CancellationError {
                    break
                } catch {
                    // The next signal looks at everything again.
                    if scope == .everything { isDue.raise() }
                    logger.error("retention was interrupted and will go on", metadata: ["error": "\(error)"])
                }
            }
            group.cancelAll()
        }
    }

    /// One run over everything, for an operator.
    /// - Throws: the first of what could not be destroyed, when everything else is.
    package func run(by initiator: Initiator) async throws -> Report {
        let (report, failures) = try await run(.everything, by: initiator)
        log(report)
        if let first = failures.first { throw first }
        return report
    }

    /// Destroys the documents of one fax, whatever its rule says, with their files, and empties the write-ahead log.
    /// - Throws: ``StoreFailure/unknownFax(_:)``; the first error of a file that could not be removed, when all else is done.
    package func shred(_ fax: FaxID, by initiator: Initiator) async throws -> FaxStore.Shredding {
        var failures = Failures()
        let result = try await shred(fax, cause: .request, by: initiator)
        _ = try await removeFiles(&failures)
        try await at(.done)
        _ = try await emptyLog()
        if let first = failures.first { throw first }
        return result
    }

    private func run(_ scope: Scope, by initiator: Initiator) async throws -> (report: Report, failures: Failures) {
        var report = Report()
        var failures = Failures()
        for mailbox in try await documents.store.retentionRules() {
            try await shredSent(in: mailbox, scope, by: initiator, &report, &failures)
            if scope == .everything { try await shredReceived(in: mailbox, by: initiator, &report, &failures) }
        }
        report.files = try await removeFiles(&failures)
        try await at(.filesRemoved)
        if scope == .everything {
            for epoch in try await documents.store.epochsToDestroy() {
                do {
                    defer { isLogFull.raise() }
                    guard try await documents.store.destroy(epoch, by: initiator) else { continue }
                } catch {
                    try failures.add(error, "the key of an epoch", logger)
                    continue
                }
                report.epochs += 1
                try await at(.epochDestroyed)
            }
        }
        try await at(.done)
        report.isLogEmptied = try await emptyLog()
        return (report, failures)
    }

    private func removeFiles(_ failures: inout Failures) async throws -> Int {
        let (removed, left) = try await documents.removeShreddedFiles { try await at(.fileRemoved) }
        for error in left { try failures.add(error, "the file of a document", logger) }
        return removed
    }

    /// Empties the write-ahead log if it may hold destroyed keys.
    private func emptyLog() async throws -> Bool {
        // First lowered: what is destroyed meanwhile raises it again.
        guard isLogFull.lower() else { return true }
        do {
            if try await documents.store.emptyWriteAheadLog() { return true }
        } catch {
            isLogFull.raise()
            throw error
        }
        isLogFull.raise()
        return false
    }

    private func shredSent(
        in mailbox: Mailbox, _ scope: Scope, by initiator: Initiator, _ report: inout Report, _ failures: inout Failures
    ) async throws {
        for state in RetentionRules.finished {
            guard let rule = rules.rule(for: state, in: mailbox), scope == .everything || rule.age == .zero else { continue }
            try await shred(rule, by: initiator, &report, &failures) { moment, skipped in
                try await documents.store.sentFaxes(
                    toShredIn: mailbox.id, state, by: moment, skipping: skipped, limit: Self.batch)
            }
        }
    }

    private func shredReceived(
        in mailbox: Mailbox, by initiator: Initiator, _ report: inout Report, _ failures: inout Failures
    ) async throws {
        guard let rule = rules.ruleForReceived(in: mailbox) else { return }
        try await shred(rule, by: initiator, &report, &failures) { moment, skipped in
            try await documents.store.receivedFaxes(toShredIn: mailbox.id, by: moment, skipping: skipped, limit: Self.batch)
        }
    }

    /// Shreds batch after batch of what `due` finds, without the oldest, which could not be shredded.
    private func shred(
        _ rule: RetentionRules.Rule, by initiator: Initiator, _ report: inout Report, _ failures: inout Failures,
        due: (_ moment: Timestamp, _ skipped: Int) async throws -> [Result<FaxID, StoreFailure>]
    ) async throws {
        let moment = clock().advanced(by: .zero - rule.age)
        var skipped = 0
        while true {
            let faxes = try await due(moment, skipped)
            for found in faxes {
                try Task.checkCancellation()
                do {
                    let result = try await shred(try found.get(), cause: rule.cause, by: initiator)
                    guard case .done(let documents, let epochs) = result else {
                        // Held meanwhile, so it is not found again; if it is, the next run has it.
                        skipped += 1
                        continue
                    }
                    report.faxes += 1
                    report.documents += documents
                    report.epochs += epochs
                } catch {
                    try failures.add(error, "a fax", logger)
                    skipped += 1
                    continue
                }
                try await at(.shredded)
            }
            guard faxes.count == Self.batch else { return }
        }
    }

    private func shred(_ fax: FaxID, cause: ShreddingCause, by initiator: Initiator) async throws -> FaxStore.Shredding {
        // After the commit: another run may empty the log until then. Whether it failed does not matter.
        defer { isLogFull.raise() }
        return try await documents.store.shred(fax, cause: cause, by: initiator)
    }

    private func log(_ report: Report) {
        if !report.isLogEmptied {
            logger.warning("destroyed keys are still in the write-ahead log, which somebody reads; the next run empties it")
        }
        guard report.faxes + report.files + report.epochs > 0 else { return }
        logger.info(
            "retention destroyed documents",
            metadata: [
                "faxes": "\(report.faxes)", "documents": "\(report.documents)", "files": "\(report.files)", "epochs": "\(report.epochs)",
            ])
    }
}

/// Says that a run over everything is due.
private final class Flag: Sendable {
    private let isRaised = Atomic(false)

    func raise() { isRaised.store(true, ordering: .releasing) }

    /// - Returns: whether it was raised.
    func lower() -> Bool { isRaised.exchange(false, ordering: .acquiring) }
}
