import FaxDispatch
import FaxModel
import Ledger
import Store
import Vault

/// What clients, page workers and people do, and what happens to the server itself.
extension SimulatedWeek {
    func submit(_ index: Int) async throws {
        let order = orders[index]
        let now = clock.now
        let id = FaxID(now: now, using: &random)
        let document = try document(.upload, "u-\(index)")
        try await store.accept(
            FaxRecord(
                id: id, state: .accepted, owner: "bootstrap", number: town[order.destination].number, backend: "simulation", format: "pdf",
                resolution: order.resolution, paper: "letter", document: document.id, createdAt: now, updatedAt: now, terms: order.terms,
                hold: order.hold), document: document, by: .system)
        faxes[id] = WatchedFax(ordinal: index, order: order, resolution: order.resolution, dueAt: order.terms.sendAt ?? now)
        note(id, "accepted")
        queue.plan(.render(id), at: now)
        if let moment = order.cancelAt { queue.plan(.cancel(id), at: moment) }
    }

    func render(_ id: FaxID) async throws {
        guard try await store.apply(.renderingStarted, to: id) == .rendering else { return }
        enter(.rendering, id)
        let rendering = (faxes[id]?.rendering ?? 0) + 1
        faxes[id]?.rendering = rendering
        queue.plan(.rendered(id, rendering: rendering), at: clock.now.advanced(by: random.seconds(1...4)))
    }

    func finishRendering(_ id: FaxID, _ rendering: Int) async throws -> Bool {
        guard let fax = faxes[id], fax.rendering == rendering, fax.state == .rendering else { return false }
        try await store.rendered(id, image: try document(.pages, "p-\(fax.ordinal)-\(rendering)"), pages: fax.order.pages)
        enter(fax.order.hold != nil && fax.releases == 0 ? .held : fax.dueAt > clock.now ? .scheduled : .queued, id)
        return true
    }

    func cancel(_ id: FaxID) async throws -> Bool {
        guard let fax = faxes[id] else { return false }
        let answer = try await store.cancel(id, by: .system)
        switch answer {
        case .cancelled:
            referee.expect(fax.state != .sending && !fax.state.isTerminal, "fax \(fax.ordinal): cancelled though it was \(fax.state)")
            faxes[id]?.isWithdrawn = true
            enter(.cancelled, id)
        case .ending:
            referee.expect(fax.state == .sending, "fax \(fax.ordinal): its call is to be ended though it was \(fax.state)")
            faxes[id]?.isWithdrawn = true
            for (serial, call) in calls where call.fax == id { cut(serial) }
        case .tooLate(let state):
            referee.expect(
                state == fax.state && (state.isTerminal || state == .unknown), "fax \(fax.ordinal): too late though it was \(state)")
        }
        note(id, "cancel \(answer)")
        return true
    }

    /// Most people look after their faxes.
    func askPerson(_ id: FaxID) async throws -> Bool {
        guard let fax = faxes[id] else { return false }
        let mood = Int.random(in: 0..<10, using: &random)
        switch fax.state {
        case .held where mood < 5 && fax.releases < 3:
            referee.expect(try await store.release(id, by: .system), "fax \(fax.ordinal): not released")
            faxes[id]?.releases += 1
            enter(.queued, id)
        case .held where mood < 9: return try await cancel(id)
        case .unknown where mood < 9:
            let finding: FaxEvent.Finding =
                fax.arrived == fax.order.pages ? .delivered : mood < 7 && !fax.isWithdrawn ? .notDelivered : .abandoned
            referee.expect(
                try await store.reconcile(id, as: finding, evidence: "simulated", by: .system, confirmedPages: fax.arrived),
                "fax \(fax.ordinal): not reconciled")
            faxes[id]?.reported = max(fax.reported, fax.arrived)
            if finding == .notDelivered { faxes[id]?.releases += 1 }
            if let state = try await store.fax(id)?.state { enter(state, id) }
        default: return false
        }
        return true
    }

    // MARK: The server

    private func cut(_ serial: Int) {
        calls[serial]?.cut()
        planStep(serial)
    }

    /// Calls come to a proper end, and the next server begins a minute later.
    func stop() {
        for serial in calls.keys.sorted() { cut(serial) }
        stoppedUntil = clock.now.advanced(by: .seconds(60))
    }

    /// Calls are lost, and the next server begins at once.
    func crash() async throws {
        for (_, call) in calls.sorted(by: { $0.key < $1.key }) {
            book.release(call.route)
            if let fax = faxes[call.fax] {
                referee.ended(fax, route: call.route, from: call.startedAt, outcome: nil, rest: nil, at: clock.now)
            }
            queue.plan(.lateReport(call.fax, attempt: call.attempt), at: clock.now.advanced(by: .seconds(30)))
        }
        let lost = try await store.recoverAfterStop()
        referee.expect(lost == calls.count, "\(lost) calls were found lost, and \(calls.count) were")
        for (_, call) in calls.sorted(by: { $0.key < $1.key }) { enter(.unknown, call.fax) }
        calls = [:]
        for (id, _) in faxes.filter({ $0.value.state == .rendering }).sorted(by: { $0.value.ordinal < $1.value.ordinal }) {
            enter(.accepted, id)
        }
    }

    /// The far end's report of a call that nobody waits for any more is refused, and changes nothing.
    func reportLate(_ id: FaxID, attempt: Int) async throws {
        var isRefused = false
        do {
            let now = clock.now
            _ = try await store.attemptEnded(id, attempt: attempt, report: FaxStore.CallReport(.delivered, evidence: "late")) {
                [decider] in decider.decide($0, at: now)
            }
        } catch StoreFailure.staleFence {
            isRefused = true
        }
        let state = try await store.fax(id)?.state
        referee.expect(isRefused && state == faxes[id]?.state, "fax \(faxes[id]?.ordinal ?? -1): a late report was taken")
    }

    // MARK: The end

    /// Compares the store with the world, fax by fax.
    func verify() async throws {
        for (id, fax) in faxes.sorted(by: { $0.value.ordinal < $1.value.ordinal }) {
            guard let record = try await store.fax(id) else {
                referee.expect(false, "fax \(fax.ordinal) is lost")
                continue
            }
            let name = "fax \(fax.ordinal)"
            referee.expect(record.state == fax.state, "\(name): the store says \(record.state), and it should be \(fax.state)")
            referee.expect(
                record.state.isTerminal || record.state == .held || record.state == .unknown, "\(name): left in \(record.state)")
            referee.expect(record.pagesConfirmed == fax.reported, "\(name): \(record.pagesConfirmed) pages confirmed, \(fax.reported) were")
            referee.expect(record.attempts.count == fax.attempts, "\(name): \(record.attempts.count) attempts, \(fax.attempts) were")
            referee.expect(
                record.attempts.allSatisfy { $0.outcome != nil }, "\(name): a call without an end")
            if record.state == .delivered {
                referee.expect(fax.arrived == fax.order.pages, "\(name): delivered with \(fax.arrived) of \(fax.order.pages) pages")
            }
            if record.state == .failed { referee.expect(record.error?.isEmpty == false, "\(name): failed, and nobody knows why") }
            referee.expect(fax.dials <= fax.maximumDials, "\(name): \(fax.dials) dials")
        }
        referee.expect(faxes.count == orders.count && calls.isEmpty, "faxes or calls are left over")
    }
}
