import FaxDispatch
import FaxModel
import Store
import Vault

/// Calls: from their intent to what is made of their end.
extension SimulatedWeek {
    func call(_ id: FaxID, by route: Int) async throws {
        guard let fax = faxes[id], let record = try await store.fax(id), let pages = record.pages else { return book.release(route) }
        let rung = try await record.progress.dials == 0 ? store.rememberedRung(for: id) ?? 0 : record.progress.rung
        let mode = CallMode.rung(rung)
        let destination = town[fax.order.destination]
        let script = CallScript(
            CallScript.Call(
                destination: destination, route: route, mode: mode, resolution: record.resolution,
                expectsStation: record.terms.expectedStation != nil, firstPage: record.pagesConfirmed, pages: pages), at: clock.now,
            weather: weather, using: &random)
        let serial = callsMade
        let intent = FaxStore.Intent(
            backend: "simulation", route: book.routes[route].name, reference: "call-\(serial)",
            image: try document(.transmitted, "t-\(serial)"),
            mode: mode, rung: rung, firstPage: record.pagesConfirmed)
        guard let attempt = try await store.intendAttempt(for: id, intent) else { return book.release(route) }
        callsMade += 1
        referee.started(
            fax, record: FaxRecordFacts(notAfter: record.notAfter, firstPage: intent.firstPage), route: route, limit: Self.limits[route],
            at: clock.now)
        faxes[id]?.attempts += 1
        faxes[id]?.resolution = record.resolution
        enter(.sending, id)
        note(id, "call \(attempt) route \(route) rung \(rung) page \(intent.firstPage)")
        calls[serial] = LiveCall(
            fax: id, attempt: attempt, route: route, destination: fax.order.destination, startedAt: clock.now, firstPage: intent.firstPage,
            steps: script.steps.map(\.step)[...], waits: script.steps.map(\.wait)[...])
        planStep(serial)
    }

    func planStep(_ serial: Int) {
        guard let call = calls[serial], let wait = call.waits.first else { return }
        queue.plan(.step(serial, version: call.version), at: clock.now.advanced(by: wait))
    }

    /// - Returns: whether the call is over.
    func step(_ serial: Int, _ version: Int) async throws -> Bool {
        guard var call = calls[serial], call.version == version, let step = call.steps.popFirst() else { return false }
        call.waits.removeFirst()
        calls[serial] = call
        switch step {
        case .answered: try await store.attemptStarted(call.fax, attempt: call.attempt)
        case .negotiated(let bitRate):
            try await store.attemptNegotiated(
                call.fax, attempt: call.attempt, remoteIdentifier: "", bitRate: bitRate, errorCorrection: true)
        case .pageArrived(let page, let isReported):
            let arrived = faxes[call.fax]?.arrived ?? 0
            faxes[call.fax]?.arrived = max(arrived, page + 1)
            note(call.fax, "page \(page) \(isReported)")
            if isReported {
                faxes[call.fax]?.reported = page + 1
                try await store.pageConfirmed(
                    call.fax, attempt: call.attempt,
                    page: PageRecord(
                        page: page, bitRate: 14_400, errorCorrection: true, badRows: 0, retries: 0, confirmedAt: clock.now))
            }
        case .end(let outcome, let retryAfter):
            calls[serial] = nil
            try await end(call, outcome, retryAfter: retryAfter)
            return true
        }
        planStep(serial)
        return false
    }

    private func end(_ call: LiveCall, _ reported: AttemptOutcome, retryAfter: Duration?) async throws {
        let now = clock.now
        let (outcome, state) = try await store.attemptEnded(
            call.fax, attempt: call.attempt,
            report: FaxStore.CallReport(reported, evidence: "simulated", retryAfter: retryAfter)
        ) { [decider] in decider.decide($0, at: now) }
        book.release(call.route)
        guard let (decision, notAfter) = decider.decision, let state else {
            return referee.expect(false, "fax \(faxes[call.fax]?.ordinal ?? -1): the end of a call changed nothing")
        }
        if ![.interrupted, .notDialled, .unknown].contains(outcome), !decision.isReduced { faxes[call.fax]?.dials += 1 }
        if decision.next == .again, let due = decision.dueAt { faxes[call.fax]?.dueAt = due }
        guard let fax = faxes[call.fax] else { return }
        referee.ended(fax, route: call.route, from: call.startedAt, outcome: outcome, rest: decision.laneDueAt, at: now)
        referee.decided(decision, fax, after: outcome, notAfter: notAfter, at: now)
        note(call.fax, "\(outcome) \(decision.next) \(decision.dueAt?.milliseconds ?? 0)")
        // Rendering begins again only by way of the queue, of which nothing is seen from outside.
        enter(state, call.fax)
    }

    /// The store's row of a document. There is no blob behind it: what is simulated is not what is on the pages.
    func document(_ kind: BlobKind, _ name: String) throws -> StoredDocument {
        guard let id = DocumentID(name), let epoch else { throw StoreFailure.unknownDocument(name) }
        return StoredDocument(
            id: id, kind: kind, epoch: epoch, wrappedKey: Array(repeating: 7, count: 60), size: 12, sha256: Array(repeating: 9, count: 32),
            createdAt: clock.now)
    }
}
