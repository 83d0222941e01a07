import Backends
import FaxModel
import Imaging
import Logging
import Store
import Vault
import WorkerProtocol
import Workers

/// Makes one attempt of a queued fax.
struct Sending: Sendable {
    let documents: Documents
    let routes: [Route]
    let header: HeaderText
    /// The folder in which line workers keep their records of calls; nil: they keep none.
    var records: String?
    var policy = RetryPolicy()
    let clock: @Sendable () -> Timestamp
    /// Waits a moment before another try at what failed.
    let pause: @Sendable () async throws -> Void
    let logger: Logger
    /// Asked before each call; nil where providers need no agreement.
    var agreement: AgreementRule?

    /// Dials once: `queued -> sending ->` what the outcome and the retry policy say.
    ///
    /// When the task is cancelled, the call is ended properly.
    /// - Parameters:
    ///   - route: the index of the way out.
    ///   - isTimeOver: asked when an outcome cannot be recorded (a full disk): whether to give up, since the server stops.
    /// - Returns: nil when no call was made, since the fax was not to be dialled (any more).
    /// - Throws: what kept the call from being made or its end from being recorded (disk, database).
    func send(_ id: FaxID, by route: Int, isTimeOver: @escaping @Sendable () async -> Bool = { false }) async throws -> EndedAttempt? {
        let store = documents.store
        guard let fax = try await store.fax(id), fax.state == .queued, fax.dueAt <= clock(), let image = fax.image else { return nil }
        CrashPoint.reach(.claimed)
        try await agreement?.require()
        // The first call begins where the last fax to this machine got through.
        let rung = try await fax.progress.dials == 0 ? store.rememberedRung(for: id) ?? 0 : fax.progress.rung
        let (call, document) = try await prepare(fax, image: image, mode: .rung(rung), keepsRecord: routes[route].backend.keepsCallRecords)
        var logger = logger
        logger[metadataKey: "fax"] = "\(id)"
        logger[metadataKey: "call"] = "\(call.reference)"
        let backend = routes[route].backend
        let begun = clock()
        let attempt: Int?
        CrashPoint.reach(.beforeIntent)
        do {
            attempt = try await store.intendAttempt(
                for: id,
                FaxStore.Intent(
                    backend: backend.name, route: routes[route].name, reference: call.reference, image: document, mode: call.mode,
                    rung: rung, firstPage: call.firstPage))
        } catch {
            await discard(call, document)
            throw error
        }
        guard let attempt else {
            await discard(call, document)
            return nil
        }
        logger.info("dialling", metadata: ["attempt": "\(attempt)", "route": "\(routes[route].name)"])
        CrashPoint.reach(.intentCommitted)
        let result = await backend.send(call) { progress in
            try await record(progress, of: id, attempt: attempt)
        }
        CrashPoint.reach(.callEnded)
        let end = await recordEnd(result, of: id, attempt: attempt, logger: logger, isTimeOver: isTimeOver)
        CrashPoint.reach(.outcomeCommitted)
        guard let end else { return nil }
        // Of an unknown outcome the record may tell the next start more.
        if end.outcome != .unknown { await removeRecord(call) }
        logger.info(
            "attempt ended",
            metadata: [
                "outcome": "\(end.outcome.name)", "evidence": "\(result.evidence)", "state": "\(end.state?.rawValue ?? "as before")",
            ])
        if end.outcome == .notDialled { throw NotDialled(evidence: result.evidence) }
        let pages = try await store.fax(id)?.pagesConfirmed ?? fax.pagesConfirmed
        return EndedAttempt(
            route: routes[route].name, outcome: end.outcome,
            duration: .milliseconds(clock().milliseconds - begun.milliseconds), pages: pages - fax.pagesConfirmed, state: end.state)
    }

    /// The line could not be used; the fax is in the queue again, and another try may help.
    struct NotDialled: Error, CustomStringConvertible {
        let evidence: String
        var description: String { "the call was not made: \(evidence)" }
    }

    private func discard(_ call: OutboundCall, _ document: StoredDocument) async {
        try? await documents.discard(document)
        await removeRecord(call)
    }

    /// What is committed needs no record; one that stays behind is swept at the next start.
    private func removeRecord(_ call: OutboundCall) async {
        if let records { try? await CallRecordFile.remove(call.reference, in: records) }
    }

    /// Records the outcome, however long the disk is full: what is known must not become unknown. Not even a cancelled task leaves it.
    private func recordEnd(
        _ result: AttemptResult, of id: FaxID, attempt: Int, logger: Logger, isTimeOver: @escaping @Sendable () async -> Bool
    ) async -> (outcome: AttemptOutcome, state: FaxState?)? {
        let report = FaxStore.CallReport(
            result.outcome, evidence: result.evidence, retryAfter: result.retryAfter,
            trace: result.trace.isEmpty ? nil : result.trace.text)
        let recording = Task { () -> (outcome: AttemptOutcome, state: FaxState?)? in
            while true {
                do {
                    return try await documents.store.attemptEnded(id, attempt: attempt, report: report, decide: decide)
                } catch StoreFailure.staleFence {
                    logger.error("the outcome was not recorded: another server has taken over")
                    return nil
                } catch {
                    logger.error("the outcome cannot be recorded yet", metadata: ["error": "\(error)"])
                    // The attempt is then found open at the next start.
                    if await isTimeOver() { return nil }
                    try? await pause()
                }
            }
        }
        return await recording.value
    }

    private func decide(_ call: FaxStore.EndedCall) -> RetryDecision {
        var generator = SystemRandomNumberGenerator()
        return policy.decide(
            after: call.outcome,
            facts: AttemptFacts(
                confirmed: call.fax.pagesConfirmed, retryAfter: call.report.retryAfter, routes: routes.count,
                othersUnanswered: call.othersUnanswered, isReducible: call.fax.resolution != .standard),
            progress: call.fax.progress, terms: call.fax.terms, notAfter: call.fax.notAfter, now: clock(), using: &generator)
    }

    /// Stamps the header line on each page and seals the image as it will be transmitted.
    private func prepare(
        _ fax: FaxRecord, image: DocumentID, mode: CallMode, keepsRecord: Bool
    ) async throws -> (outbound: OutboundCall, document: StoredDocument) {
        let rendered = try await documents.memoryFile(of: image)
        let reader = try TIFFReader(ClosureRandomAccess { try rendered.read(at: $0, count: $1) })
        let line = header.line(at: clock())
        let file = try MemoryFile()
        let document = try await documents.create(.transmitted, of: fax.document)
        do {
            var writer = TIFFWriter(pages: reader.count)
            for index in 0..<reader.count {
                let bytes = try writer.append(line.stamp(try reader.page(at: index), number: index + 1, of: reader.count))
                try file.append(bytes)
                try await document.append(bytes)
            }
            let rest = writer.finish()
            try file.append(rest)
            try await document.append(rest)
            var generator = SystemRandomNumberGenerator()
            let reference = FaxID(now: clock(), using: &generator).text
            let stored = try await document.finish()
            CrashPoint.reach(.imageSealed)
            let record: CallRecordFile? =
                if let records, keepsRecord {
                    try await CallRecordFile.make(in: records, reference: reference, pages: reader.count)
                } else {
                    nil
                }
            let outbound = OutboundCall(
                reference: reference, number: fax.number, image: file, pages: reader.count, firstPage: fax.pagesConfirmed, mode: mode,
                expectedStation: fax.terms.expectedStation, earlierDials: fax.progress.dials, record: record)
            return (outbound, stored)
        } catch {
            await document.abort()
            throw error
        }
    }

    private func record(_ progress: CallProgress, of id: FaxID, attempt: Int) async throws {
        let store = documents.store
        switch progress {
        case .ringing: break
        case .answered:
            try await store.attemptStarted(id, attempt: attempt)
            CrashPoint.reach(.callAnswered)
        case .negotiated(let facts):
            try await store.attemptNegotiated(
                id, attempt: attempt, remoteIdentifier: facts.remoteIdentifier, bitRate: facts.bitRate,
                errorCorrection: facts.errorCorrection)
            CrashPoint.reach(.callNegotiated)
        case .pageConfirmed(let report):
            try await store.pageConfirmed(
                id, attempt: attempt,
                page: PageRecord(
                    page: report.page, bitRate: report.bitRate, errorCorrection: report.errorCorrection,
                    badRows: report.badRows, retries: report.retries, confirmedAt: clock()))
            CrashPoint.reach(.pageConfirmed)
        }
    }
}
