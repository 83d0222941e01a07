package import Backends
package import FaxModel
package import Logging
package import Store

/// Received faxes go into the database page by page, and into the vault as a whole.
///
/// A page is durable before its confirmation leaves, and so is the whole fax before that of its last page. A call that comes for a number of
/// no mailbox is not answered.
package struct StoredInbox: Inbox {
    /// Where a reception can be stopped (tests).
    package enum Step: Sendable, Equatable {
        /// A page is durable.
        case pageStored
        /// The document of the whole fax is, and no row names it.
        case sealed
        /// The fax is.
        case received
    }

    let documents: Documents
    private var backend: String
    private let isReceiving: Bool
    private let catchAllMailbox: String?
    private let refusals: InboundRefusals
    private let clock: @Sendable () -> Timestamp
    let logger: Logger
    private let pause: @Sendable () async throws -> Void
    private let at: @Sendable (Step) async throws -> Void

    /// - Parameters:
    ///   - backend: the word for received faxes.
    ///   - isReceiving: `INBOUND_ENABLED`; when false, nothing is kept.
    ///   - catchAllMailbox: `FAXLOCK_INBOUND_CATCH_ALL`, the mailbox of numbers on trunks that are no mailbox's; nil refuses them.
    ///   - pause: waits a moment before the database is tried again.
    ///   - at: called after each step; what it throws ends the reception there (tests).
    package init(
        documents: Documents, backend: String, isReceiving: Bool = true, catchAllMailbox: String? = nil,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(5)) },
        at: @escaping @Sendable (Step) async throws -> Void = { _ in }
    ) {
        self.documents = documents
        self.backend = backend
        self.isReceiving = isReceiving
        self.catchAllMailbox = catchAllMailbox
        refusals = InboundRefusals(store: documents.store, clock: clock, logger: logger)
        self.clock = clock
        self.logger = logger
        self.pause = pause
        self.at = at
    }

    /// The same inbox for what comes by another way.
    package func receiving(by backend: String) -> StoredInbox {
        var inbox = self
        inbox.backend = backend
        return inbox
    }

    /// The loopback exchange (a call without a trunk) has its numbers to itself: those of no mailbox lead to `main`, and with receiving off
    /// its calls are answered by whoever asks here, and ``begin(_:)`` keeps nothing of them.
    package func admit(_ call: InboundCall) async throws -> Admission {
        guard isReceiving else {
            if !call.trunk.isEmpty { await refusals.note(call, .notReceiving) }
            return .notReceiving
        }
        switch try await documents.store.route(ofNumber: call.to) {
        case .mailbox:
            return .accepted
        case .retired:
            await refusals.note(call, .retiredNumber)
            return .retiredNumber
        case .unknown:
            if try await mailboxOfOthers(call) != nil { return .accepted }
            await refusals.note(call, .unknownNumber)
            return .unknownNumber
        }
    }

    package func knows(number: String) async throws -> Bool {
        if case .unknown = try await documents.store.route(ofNumber: number) { return false }
        return true
    }

    package func begin(_ call: InboundCall) async throws -> any Reception {
        guard isReceiving else { return DiscardedReception() }
        let mailbox: String
        if case .mailbox(let own) = try await documents.store.route(ofNumber: call.to) {
            mailbox = own
        } else {
            // Released while the call was set up: it was admitted, so what comes is kept.
            mailbox = try await mailboxOfOthers(call) ?? Mailbox.main
        }
        var generator = SystemRandomNumberGenerator()
        let now = clock()
        let record = ReceptionRecord(
            id: FaxID(now: now, using: &generator), mailbox: mailbox, backend: backend, trunk: call.trunk, reference: call.reference,
            to: call.to, from: call.from, createdAt: now)
        return StoredReception(record: record, assembly: assembly, clock: clock, logger: logger, pause: pause, at: at)
    }

    /// Writes refusals that were counted and are not in the ledger yet. To be called each minute, and at the stop.
    package func flushRefusals() async {
        await refusals.flush()
    }

    /// What the last stop of the server cut: each fax of which pages were confirmed comes into the inbox, marked partial. Only before the
    /// first call.
    ///
    /// One that cannot be read does not keep the others, and is tried again at the next start.
    /// - Returns: how many came into the inbox.
    /// - Throws: the database's error.
    package func recover() async throws -> Int {
        let store = documents.store
        var recovered = 0
        for id in try await store.openReceptions() {
            do {
                guard let (record, key, pages) = try await store.reception(id) else { continue }
                _ = try await assembly.receive(record, key: key, stored: pages, status: .partial, now: clock())
                recovered += 1
            } catch StoreFailure.destroyedEpoch(let epoch) {
                logger.error(
                    "a fax that was coming in cannot be opened: the key of its month was destroyed",
                    metadata: ["fax": "\(id)", "epoch": "\(epoch)"])
                try await store.dropReception(id)
            } catch {
                logger.error(
                    "a fax that the last stop cut cannot be recorded; the next start tries it again",
                    metadata: ["fax": "\(id)", "error": "\(error)"])
            }
        }
        try await store.removeOldReceptionPages()
        return recovered
    }

    private var assembly: ReceptionAssembly { ReceptionAssembly(documents: documents, at: at) }

    /// Where a number of no mailbox leads; nil: nowhere.
    private func mailboxOfOthers(_ call: InboundCall) async throws -> String? {
        if call.trunk.isEmpty { return Mailbox.main }
        guard let catchAllMailbox else { return nil }
        guard try await documents.store.mailbox(catchAllMailbox) != nil else {
            logger.error(
                "FAXLOCK_INBOUND_CATCH_ALL names no mailbox; make it with faxlock mailboxes set",
                metadata: ["mailbox": "\(catchAllMailbox)"])
            return nil
        }
        return catchAllMailbox
    }
}
