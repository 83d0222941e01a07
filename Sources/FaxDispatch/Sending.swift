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
    let backend: any Backend
    let header: HeaderText
    let clock: @Sendable () -> Timestamp
    /// Waits a moment before another try at what failed.
    let pause: @Sendable () async throws -> Void
    let logger: Logger
    /// Asked before each call; nil where providers need no agreement.
    var agreement: AgreementRule?

    /// Dials once: `queued -> sending -> delivered | failed | unknown`, or back to `queued` when the server stops in mid-call.
    ///
    /// - Throws: what kept the call from being made or its end from being recorded (disk, database).
    func send(_ id: FaxID) async throws {
        let store = documents.store
        guard let fax = try await store.fax(id), fax.state == .queued, let image = fax.image else { return }
        try await agreement?.require()
        let call = try await prepare(fax, image: image)
        var logger = logger
        logger[metadataKey: "fax"] = "\(id)"
        logger[metadataKey: "call"] = "\(call.outbound.reference)"
        let attempt: Int?
        do {
            attempt = try await store.intendAttempt(
                for: id, backend: backend.name, reference: call.outbound.reference, image: call.document)
        } catch {
            try? await documents.discard(call.document)
            throw error
        }
        guard let attempt else { return try await documents.discard(call.document) }
        logger.info("dialling", metadata: ["attempt": "\(attempt)"])
        var result = await backend.send(call.outbound) { progress in
            try await record(progress, of: id, attempt: attempt)
        }
        await recordEnd(&result, of: id, attempt: attempt, pages: call.outbound.pages, logger: logger)
        logger.info("attempt ended", metadata: ["outcome": "\(result.outcome.name)", "evidence": "\(result.evidence)"])
        if result.outcome != .delivered, !result.trace.isEmpty {
            logger.notice("the call's T.30 frames", metadata: ["frames": "\(result.trace.text)"])
        }
        if result.outcome == .notDialled { throw NotDialled(evidence: result.evidence) }
    }

    /// The line could not be used; the fax is in the queue again, and another try may help.
    struct NotDialled: Error, CustomStringConvertible {
        let evidence: String
        var description: String { "the call was not made: \(evidence)" }
    }

    /// Records the outcome, however long the disk is full: what is known must not become unknown.
    private func recordEnd(_ result: inout AttemptResult, of id: FaxID, attempt: Int, pages: Int, logger: Logger) async {
        while true {
            do {
                let confirmed = try await documents.store.fax(id)?.pagesConfirmed ?? 0
                if result.outcome == .delivered, confirmed != pages {
                    result = AttemptResult(.failed(.protocolError), evidence: "\(confirmed) of \(pages) pages confirmed")
                }
                if result.outcome == .interrupted, confirmed >= pages {
                    // Nothing is left to send, and a second call could make a second copy.
                    result = AttemptResult(.unknown, evidence: result.evidence)
                }
                return try await documents.store.attemptEnded(
                    id, attempt: attempt, outcome: result.outcome, evidence: result.evidence)
            } catch StoreFailure.staleFence {
                return logger.error("the outcome was not recorded: another server has taken over")
            } catch {
                logger.error("the outcome cannot be recorded yet", metadata: ["error": "\(error)"])
                // Fails when the server stops: the attempt is then found open at the next start, and unknown.
                guard (try? await pause()) != nil else { return }
            }
        }
    }

    /// Stamps the header line on each page and seals the image as it will be transmitted.
    private func prepare(_ fax: FaxRecord, image: DocumentID) async throws -> (outbound: OutboundCall, document: StoredDocument) {
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
            let outbound = OutboundCall(
                reference: FaxID(now: clock(), using: &generator).text, number: fax.number, image: file, pages: reader.count,
                firstPage: fax.pagesConfirmed)
            return (outbound, try await document.finish())
        } catch {
            await document.abort()
            throw error
        }
    }

    private func record(_ progress: CallProgress, of id: FaxID, attempt: Int) async throws {
        let store = documents.store
        switch progress {
        case .ringing: break
        case .answered: try await store.attemptStarted(id, attempt: attempt)
        case .negotiated(let facts):
            try await store.attemptNegotiated(
                id, attempt: attempt, remoteIdentifier: facts.remoteIdentifier, bitRate: facts.bitRate,
                errorCorrection: facts.errorCorrection)
        case .pageConfirmed(let report):
            try await store.pageConfirmed(
                id, attempt: attempt,
                page: PageRecord(
                    page: report.page, bitRate: report.bitRate, errorCorrection: report.errorCorrection,
                    badRows: report.badRows, retries: report.retries, confirmedAt: clock()))
        }
    }
}
