import Backends
import FaxModel
import Imaging
import Logging
import Store
import Vault
import WorkerProtocol
import Workers

/// Makes one call for a queued fax, and for others of its destination that may go with it.
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

    /// Dials once: `queued -> sending ->` what the outcome and the retry policy say, for each of the faxes.
    ///
    /// When the task is cancelled, the call is ended properly.
    /// - Parameters:
    ///   - ids: whose turn it is, and those that may go in the same call after it.
    ///   - route: the index of the way out.
    ///   - isTimeOver: asked when an outcome cannot be recorded (a full disk): whether to give up, since the server stops.
    /// - Returns: the ends that were recorded; none when no call was made, since the fax was not to be dialled (any more).
    /// - Throws: what kept the call from being made or its end from being recorded (disk, database).
    func send(_ ids: [FaxID], by route: Int, isTimeOver: @escaping @Sendable () async -> Bool = { false }) async throws -> [EndedAttempt] {
        let faxes = try await queued(ids)
        guard let first = faxes.first?.fax else { return [] }
        CrashPoint.reach(.claimed)
        let (store, backend) = (documents.store, routes[route].backend)
        try await agreement?.require(by: backend)
        // The first call begins where the last fax to this machine got through.
        let rung = try await first.progress.dials == 0 ? store.rememberedRung(for: first.id) ?? 0 : first.progress.rung
        let prepared = try await prepare(faxes, mode: .rung(rung), keepsRecord: backend.keepsRecord(ofCallTo: first.number))
        let call = prepared.call
        let begun = clock()
        CrashPoint.reach(.beforeIntent)
        let attempts: [Int]?
        do {
            attempts = try await store.intendAttempts(intents(for: faxes, prepared, route: routes[route], rung: rung))
        } catch {
            await discard(prepared)
            throw error
        }
        guard let attempts else {
            await discard(prepared)
            return []
        }
        let parts = zip(zip(faxes, attempts), call.documents).map {
            SharedCall.Part(fax: $0.0.fax.id, attempt: $0.1, pages: $1, firstPage: $0.0.fax.pagesConfirmed)
        }
        var logger = logger
        logger[metadataKey: "call"] = "\(call.reference)"
        for part in parts {
            logger.info(
                "dialling", metadata: ["fax": "\(part.fax)", "attempt": "\(part.attempt)", "route": "\(routes[route].name)"])
        }
        CrashPoint.reach(.intentCommitted)
        let shared = SharedCall(parts, store: store, clock: clock)
        let result = await backend.send(call) { try await shared.record($0) }
        CrashPoint.reach(.callEnded)
        let ends = await end(shared, with: result, logger: logger, isTimeOver: isTimeOver)
        // Of an unknown outcome, and of one that could not be committed, the record tells more.
        if ends.count == parts.count, !ends.contains(where: { $0.outcome == .unknown }) { await removeRecord(of: call) }
        if ends.first?.outcome == .notDialled { throw NotDialled(evidence: result.evidence) }
        let duration = Duration.milliseconds(clock().milliseconds - begun.milliseconds)
        var ended: [EndedAttempt] = []
        // Those whose turn did not come had no call.
        for (end, (fax, _)) in zip(ends, faxes) where end.outcome != .notDialled {
            // For the meters: what was committed does not hang on it.
            let pages = (try? await store.fax(fax.id))?.pagesConfirmed ?? fax.pagesConfirmed
            ended.append(
                EndedAttempt(
                    route: routes[route].name, reference: call.reference, outcome: end.outcome,
                    duration: ended.isEmpty ? duration : .zero, pages: pages - fax.pagesConfirmed, state: end.state))
        }
        return ended
    }

    /// Those of the faxes that can still go, the first one among them: with another station to expect, or none, one needs a call of its own.
    private func queued(_ ids: [FaxID]) async throws -> [(fax: FaxRecord, image: DocumentID)] {
        var faxes: [(fax: FaxRecord, image: DocumentID)] = []
        for id in ids {
            if let fax = try await documents.store.fax(id), fax.state == .queued, fax.dueAt <= clock(), let image = fax.image,
                faxes.isEmpty || fax.terms.expectedStation == faxes[0].fax.terms.expectedStation
            {
                faxes.append((fax, image))
            } else if faxes.isEmpty {
                return []
            }
        }
        return faxes
    }

    private func intents(
        for faxes: [(fax: FaxRecord, image: DocumentID)], _ prepared: Prepared, route: Route, rung: Int
    ) -> [(id: FaxID, intent: FaxStore.Intent)] {
        var offset = 0
        return faxes.indices.map { index in
            let fax = faxes[index].fax
            defer { offset += prepared.call.documents[index] }
            return (
                fax.id,
                FaxStore.Intent(
                    backend: route.backend.name, route: route.name,
                    reference: CallReference(prepared.call.reference, document: index).text, image: prepared.documents[index],
                    mode: prepared.call.mode, rung: rung, firstPage: fax.pagesConfirmed, offset: offset)
            )
        }
    }

    /// Records what the call came to for each of its faxes.
    /// - Returns: what was recorded; the rest is found at the next start.
    private func end(
        _ call: SharedCall, with result: AttemptResult, logger: Logger, isTimeOver: @escaping @Sendable () async -> Bool
    ) async -> [(outcome: AttemptOutcome, state: FaxState?)] {
        var ends: [(outcome: AttemptOutcome, state: FaxState?)] = []
        for (part, ending) in zip(call.parts, await call.endings(result)) {
            var logger = logger
            logger[metadataKey: "fax"] = "\(part.fax)"
            let report = FaxStore.CallReport(
                ending.outcome, evidence: ending.evidence, retryAfter: result.retryAfter,
                trace: result.trace.isEmpty || ending.outcome == .notDialled ? nil : result.trace.text)
            guard let end = await recordEnd(report, of: part, logger: logger, isTimeOver: isTimeOver) else { break }
            CrashPoint.reach(.outcomeCommitted)
            logger.info(
                "attempt ended",
                metadata: [
                    "outcome": "\(end.outcome.name)", "evidence": "\(ending.evidence)", "state": "\(end.state?.rawValue ?? "as before")",
                ])
            ends.append(end)
        }
        return ends
    }

    /// The line could not be used; the fax is in the queue again, and another try may help.
    struct NotDialled: Error, CustomStringConvertible {
        let evidence: String
        var description: String { "the call was not made: \(evidence)" }
    }

    private func discard(_ prepared: Prepared) async {
        for document in prepared.documents { try? await documents.discard(document) }
        await removeRecord(of: prepared.call)
    }

    /// What is committed needs no record; one that stays behind is swept at the next start.
    private func removeRecord(of call: OutboundCall) async {
        if let records, call.record != nil { try? await CallRecordFile.remove(call.reference, in: records) }
    }

    /// Records the outcome, however long the disk is full: what is known must not become unknown. Not even a cancelled task leaves it.
    private func recordEnd(
        _ report: FaxStore.CallReport, of part: SharedCall.Part, logger: Logger, isTimeOver: @escaping @Sendable () async -> Bool
    ) async -> (outcome: AttemptOutcome, state: FaxState?)? {
        let recording = Task { () -> (outcome: AttemptOutcome, state: FaxState?)? in
            while true {
                do {
                    return try await documents.store.attemptEnded(part.fax, attempt: part.attempt, report: report, decide: decide)
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
}
