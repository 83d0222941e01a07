package import FaxModel
package import Ledger
package import Logging
package import Store
import Synchronization

/// Destroys what need not be kept (45 CFR 164.310(d)(2)(i)): at intervals, as soon as a fax is over, and when an operator asks.
///
/// A run is a row of small steps, each of which can be cut by a stop: documents lose their keys in one transaction a fax, then their
/// files go, then the keys of epochs in which nothing is left. The next run finds in the database where the last one stopped.
package struct RetentionRunner: Sendable {
    /// What a run destroyed.
    package struct Report: Sendable, Equatable {
        package var faxes = 0
        package var documents = 0
        /// Sealed files of these and of earlier runs.
        package var files = 0
        /// Keys of months, of single faxes and of released holds.
        package var epochs = 0
        /// Whether the write-ahead log, which may hold destroyed keys, was emptied; true when nothing was destroyed.
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
                    log(try await run(scope, by: .system))
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
    package func run(by initiator: Initiator) async throws -> Report {
        let report = try await run(.everything, by: initiator)
        log(report)
        return report
    }

    private func run(_ scope: Scope, by initiator: Initiator) async throws -> Report {
        var report = Report()
        for mailbox in try await documents.store.retentionRules() {
            try await shredSent(in: mailbox, scope, by: initiator, &report)
            if scope == .everything { try await shredReceived(in: mailbox, by: initiator, &report) }
        }
        report.files = try await documents.removeShredded { try await at(.fileRemoved) }
        try await at(.filesRemoved)
        if scope == .everything {
            for epoch in try await documents.store.epochsToDestroy() where try await documents.store.destroy(epoch, by: initiator) {
                report.epochs += 1
                try await at(.epochDestroyed)
            }
        }
        try await at(.done)
        if report.documents > 0 || report.epochs > 0 { report.isLogEmptied = try await documents.store.emptyWriteAheadLog() }
        return report
    }

    private func shredSent(in mailbox: Mailbox, _ scope: Scope, by initiator: Initiator, _ report: inout Report) async throws {
        for state in RetentionRules.finished {
            guard let rule = rules.rule(for: state, in: mailbox), scope == .everything || rule.age == .zero else { continue }
            try await shred(rule, by: initiator, &report) { moment in
                try await documents.store.sentFaxes(toShredIn: mailbox.id, state, by: moment, limit: Self.batch)
            }
        }
    }

    private func shredReceived(in mailbox: Mailbox, by initiator: Initiator, _ report: inout Report) async throws {
        guard let rule = rules.ruleForReceived(in: mailbox) else { return }
        try await shred(rule, by: initiator, &report) { moment in
            try await documents.store.receivedFaxes(toShredIn: mailbox.id, by: moment, limit: Self.batch)
        }
    }

    /// Shreds batch after batch of what `due` finds.
    private func shred(
        _ rule: RetentionRules.Rule, by initiator: Initiator, _ report: inout Report, due: (Timestamp) async throws -> [FaxID]
    ) async throws {
        while true {
            let faxes = try await due(clock().advanced(by: .zero - rule.age))
            var destroyed = 0
            for fax in faxes {
                try Task.checkCancellation()
                guard case .done(let documents, let epochs) = try await documents.store.shred(fax, cause: rule.cause, by: initiator) else {
                    continue
                }
                destroyed += 1
                report.faxes += 1
                report.documents += documents
                report.epochs += epochs
                try await at(.shredded)
            }
            // A batch of which none could be shredded (all were held meanwhile) would come again.
            guard faxes.count == Self.batch, destroyed > 0 else { return }
        }
    }

    private func log(_ report: Report) {
        guard report != Report() else { return }
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
