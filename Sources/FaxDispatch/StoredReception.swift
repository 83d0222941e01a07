import Backends
import FaxModel
import Logging
import Store
import WorkerProtocol

/// One fax on its way in. Its caller awaits each call before the next.
actor StoredReception: Reception {
    /// A page came after the last one, or when the reception was over.
    struct Over: Error, CustomStringConvertible {
        let description = "a page came after the end of its fax"
    }

    private enum State {
        case open
        /// The whole fax is in the inbox; the call may go on.
        case received
        case over
    }

    private var record: ReceptionRecord
    private let assembly: ReceptionAssembly
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let pause: @Sendable () async throws -> Void
    private let at: @Sendable (StoredInbox.Step) async throws -> Void
    /// Made with the first page that is not the last.
    private var key: ReceptionKey?
    private var stored: [PageRecord] = []
    private var state = State.open

    init(
        record: ReceptionRecord, assembly: ReceptionAssembly, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        pause: @escaping @Sendable () async throws -> Void, at: @escaping @Sendable (StoredInbox.Step) async throws -> Void
    ) {
        self.record = record
        self.assembly = assembly
        self.clock = clock
        self.logger = logger
        self.pause = pause
        self.at = at
    }

    private var store: FaxStore { assembly.documents.store }

    func identified(_ negotiation: Negotiation) {
        if !negotiation.remoteIdentifier.isEmpty { record.remoteIdentifier = negotiation.remoteIdentifier }
    }

    /// A page that cannot be stored is an error at once, and not waited for: it is not confirmed, so the sender keeps it and calls again.
    func append(_ page: FaxPage, _ report: PageReport) async throws {
        guard state == .open else { throw Over() }
        let now = clock()
        let quality = PageRecord(
            page: stored.count, bitRate: report.bitRate, errorCorrection: report.errorCorrection, badRows: report.badRows,
            retries: report.retries, confirmedAt: now)
        if report.isLast {
            try await assembly.receive(
                record, key: key, stored: stored, last: .init(page: page, quality: quality), status: .received, now: now)
            state = .received
        } else {
            let key = try await usedKey()
            try await store.store(PagePayload.encode(page), quality, of: record, key: key)
            stored.append(quality)
            CrashPoint.reach(.inboundPageStored)
            try await at(.pageStored)
        }
    }

    func finish(_ end: CallEnd) async throws {
        if record.remoteIdentifier.isEmpty { record.remoteIdentifier = end.remoteIdentifier }
        try await close(as: end.code == 0 ? .received : .partial, end)
    }

    func breakOff() async throws {
        try await close(as: .partial, nil)
    }

    /// Also in a task that was cancelled: its task is another one.
    func abandon() async {
        guard state == .open else { return }
        state = .over
        guard !stored.isEmpty else { return }
        await Task { [store, logger, id = record.id] in
            do {
                try await store.dropReception(id)
                try await store.removeOldReceptionPages(of: id)
            } catch {
                // The next start makes a partial fax of pages that are still there: rather twice than never.
                logger.error(
                    "a reception that is taken again was not dropped; the next start may make a partial fax of it",
                    metadata: ["fax": "\(id)", "error": "\(error)"])
            }
        }.value
    }

    /// What was confirmed is in the database: if it cannot be made a fax now, and the server stops, the next start does that.
    private func close(as status: ReceptionAssembly.Status, _ end: CallEnd?) async throws {
        switch state {
        case .over:
            return
        case .received:
            await noteEnd(end)
        case .open:
            while !stored.isEmpty {
                do {
                    try await assembly.receive(record, key: key, stored: stored, status: status, end: end, now: clock())
                    break
                } catch {
                    logger.error("a received fax cannot be recorded yet", metadata: ["fax": "\(record.id)", "error": "\(error)"])
                    try await pause()
                }
            }
        }
        state = .over
        guard !stored.isEmpty else { return }
        do {
            try await store.removeOldReceptionPages(of: record.id)
        } catch {
            // Nothing opens them any more, and the next start removes them.
            logger.warning("pages of a received fax were not removed yet", metadata: ["fax": "\(record.id)", "error": "\(error)"])
        }
    }

    private func noteEnd(_ end: CallEnd?) async {
        do {
            try await store.inboundCallEnded(
                record.id, at: clock(), code: end?.code, remoteIdentifier: end?.remoteIdentifier ?? "")
        } catch {
            logger.warning("the end of a call was not recorded", metadata: ["fax": "\(record.id)", "error": "\(error)"])
        }
    }

    private func usedKey() async throws -> ReceptionKey {
        if let key { return key }
        let made = try await store.makeReceptionKey(for: record.id)
        key = made
        return made
    }
}
