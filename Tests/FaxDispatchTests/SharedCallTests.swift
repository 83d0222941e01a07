import Backends
import FaxModel
import Imaging
import Ledger
import Store
import Testing
import Vault
import WorkerProtocol
import Workers

@testable import FaxDispatch

/// Several faxes of one destination in one call.
@Suite(.timeLimit(.minutes(10))) struct SharedCallTests {
    // MARK: What an end means for each

    private static let broken = AttemptResult(.failed(.protocolError), evidence: "T.30 21")

    @Test(arguments: [
        (0, ["failed", "not_dialled", "not_dialled"]), (1, ["failed", "not_dialled", "not_dialled"]),
        (2, ["delivered", "failed", "not_dialled"]), (3, ["delivered", "delivered", "failed"]),
        (4, ["delivered", "delivered", "failed"]),
    ])
    func `a call that broke off has delivered what was confirmed whole`(confirmed: Int, outcomes: [String]) {
        let endings = SharedCall.endings(Self.broken, pages: [2, 1, 3], confirmed: confirmed)
        #expect(endings.map(\.outcome.name) == outcomes)
        #expect(endings.first { $0.outcome == .failed(.protocolError) }?.evidence.hasPrefix("T.30 21") == true)
    }

    @Test func `of the last fax the call's own end decides`() {
        let unknown = AttemptResult(.unknown, evidence: "T.30 5; every page had been confirmed")
        #expect(SharedCall.endings(unknown, pages: [2, 1], confirmed: 3).map(\.outcome) == [.delivered, .unknown])
        // The worker may have been further than the database.
        #expect(SharedCall.endings(unknown, pages: [2, 1], confirmed: 1).map(\.outcome) == [.unknown, .unknown])
        let whole = AttemptResult(.delivered, evidence: "T.30 0")
        #expect(SharedCall.endings(whole, pages: [2, 1], confirmed: 3).map(\.outcome) == [.delivered, .delivered])
        #expect(SharedCall.endings(whole, pages: [2], confirmed: 2) == [.init(outcome: .delivered, evidence: "T.30 0")])
    }

    // MARK: Calls

    private func running(
        _ house: TestHouse, _ backend: ScriptedBackend, faxesPerCall: Int = 10, _ body: (Dispatcher) async throws -> Void
    ) async throws {
        let dispatcher = try house.dispatcher(backend, faxesPerCall: faxesPerCall)
        let running = Task { await dispatcher.run() }
        try await body(dispatcher)
        await dispatcher.stop()
        await running.value
    }

    private func settled(_ house: TestHouse, _ ids: [FaxID], _ isRight: (FaxRecord) -> Bool) async throws -> [FaxRecord] {
        while !Task.isCancelled {
            var faxes: [FaxRecord] = []
            for id in ids { faxes.append(try await house.fax(id)) }
            if faxes.allSatisfy(isRight) { return faxes }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw CancellationError()
    }

    @Test func `what waits for a number goes in one call, each with its own pages and attempt`() async throws {
        try await TestHouse.with { house in
            let backend = ScriptedBackend(keepsRecords: true) { call, report in
                do {
                    let reader = try TIFFReader(ClosureRandomAccess { try call.image.read(at: $0, count: $1) })
                    #expect(reader.count == call.pages)
                } catch {
                    Issue.record("\(error)")
                }
                return await ScriptedBackend.deliver(call, report)
            }
            let ids = [
                try await house.queue(1, pages: [TestPages.page(1), TestPages.page(2)]),
                try await house.queue(11, pages: [TestPages.page(3)]),
                try await house.queue(21, pages: [TestPages.page(4), TestPages.page(5), TestPages.page(6)]),
            ]
            let other = try await house.queue(2)
            try await running(house, backend) { _ in
                let faxes = try await settled(house, ids + [other]) { $0.state.isTerminal }
                #expect(faxes.allSatisfy { $0.state == .delivered })
                #expect(Set(backend.requests.map(\.documents)) == [[2, 1, 3], [2]])
                let shared = try #require(backend.requests.first { $0.documents.count == 3 })
                #expect(
                    faxes.prefix(3).compactMap { $0.attempts.first?.reference }
                        == [shared.reference, shared.reference + "#2", shared.reference + "#3"])
                #expect(faxes.prefix(3).map { $0.attempts.first?.pages.map(\.page) } == [[0, 1], [0], [0, 1, 2]])
                // What is kept of each is its own.
                for (fax, pages) in zip(faxes, [2, 1, 3]) {
                    let kept = try await house.documents.open(try #require(fax.attempts.first?.image)).read(upTo: 10_000_000)
                    #expect(try TIFFReader(kept).count == pages)
                }
            }
        }
    }

    @Test func `those whose turn did not come wait, and nothing is counted against them`() async throws {
        try await TestHouse.with { house in
            let backend = ScriptedBackend(keepsRecords: true) { call, report in
                try? await report(.answered)
                try? await ScriptedBackend.confirm(0..<3, report)
                return Self.broken
            }
            let ids = [try await house.queue(1), try await house.queue(11), try await house.queue(21)]
            try await running(house, backend) { _ in
                let faxes = try await settled(house, ids) { $0.attempts.last?.outcome != nil }
                #expect(faxes.map(\.state) == [.delivered, .queued, .queued])
                #expect(faxes.map { $0.attempts.last?.outcome } == ["delivered", "failed", "not_dialled"])
                #expect(faxes.map(\.pagesConfirmed) == [2, 1, 0])
                #expect(faxes.map(\.progress.dials) == [1, 1, 0])
            }
        }
    }

    @Test func `one that was called before goes alone, and takes nobody along`() async throws {
        try await TestHouse.with { house in
            let entered = Signal()
            let backend = ScriptedBackend(keepsRecords: true) { call, report in
                defer { entered.send() }
                return call.earlierDials == 0 && call.documents == [2, 2]
                    ? AttemptResult(.failed(.busy), evidence: "SIP 486") : await ScriptedBackend.deliver(call, report)
            }
            let ids = [try await house.queue(1), try await house.queue(11)]
            let dispatcher = try house.dispatcher(backend, faxesPerCall: 10)
            let running = Task { await dispatcher.run() }
            await entered.wait()
            _ = try await settled(house, ids) { $0.state == .queued }
            house.clock.advance(by: .seconds(3600))
            dispatcher.wake()
            let faxes = try await settled(house, ids) { $0.state.isTerminal }
            #expect(faxes.allSatisfy { $0.state == .delivered })
            #expect(backend.requests.map(\.documents) == [[2, 2], [2], [2]])
            await dispatcher.stop()
            await running.value
        }
    }

    @Test func `what must not share a call does not`() async throws {
        try await TestHouse.with { house in
            let backend = ScriptedBackend(keepsRecords: true, ScriptedBackend.deliver)
            var closed = FaxTerms()
            closed.hours = RecipientHours("08:00-17:00 UTC")
            var expecting = FaxTerms()
            expecting.expectedStation = "+15551230101"
            let night = try #require(Timestamp(iso8601: "2026-11-24T03:00:00Z"))
            house.clock.advance(by: .milliseconds(night.milliseconds - house.clock.now.milliseconds))
            let first = try await house.queue(1)
            let asleep = try await house.queue(11, terms: closed)
            let particular = try await house.queue(21, terms: expecting)
            let coarse = try await house.queue(31)
            try await house.execute("UPDATE faxes SET resolution = 'standard' WHERE id = '\(coarse)'")
            let mate = try await house.queue(41)
            try await running(house, backend) { _ in
                _ = try await settled(house, [first, particular, coarse, mate]) { $0.state.isTerminal }
                #expect(try await house.fax(asleep).attempts.isEmpty)
                #expect(backend.requests.map(\.documents) == [[2, 2], [2], [2]])
                let reference = try await house.fax(first).attempts.first?.reference
                #expect(try await house.fax(mate).attempts.first?.reference == reference.map { $0 + "#2" })
            }
        }
    }

    @Test(arguments: [(1, true), (2, false)])
    func `a fax goes alone where several are not wanted or cannot be carried`(faxesPerCall: Int, keepsRecords: Bool) async throws {
        try await TestHouse.with { house in
            let backend = ScriptedBackend(keepsRecords: keepsRecords, ScriptedBackend.deliver)
            let ids = [try await house.queue(1), try await house.queue(11)]
            try await running(house, backend, faxesPerCall: faxesPerCall) { _ in
                _ = try await settled(house, ids) { $0.state.isTerminal }
                #expect(backend.requests.map(\.documents) == [[2], [2]])
            }
        }
    }

    @Test func `a cancelled fax ends the call, and the others go on in another`() async throws {
        try await TestHouse.with { house in
            let entered = Signal()
            let backend = ScriptedBackend(keepsRecords: true) { call, report in
                guard call.documents == [2, 2, 2] else { return await ScriptedBackend.deliver(call, report) }
                try? await ScriptedBackend.confirm(0..<1, report)
                entered.send()
                let (stream, _) = AsyncStream.makeStream(of: Void.self)
                for await _ in stream {}
                return AttemptResult(.interrupted, evidence: "ended")
            }
            let ids = [try await house.queue(1), try await house.queue(11), try await house.queue(21)]
            try await running(house, backend) { dispatcher in
                await entered.wait()
                #expect(try await house.store.cancel(ids[1], by: .system) == .ending)
                await dispatcher.endCall(ids[1])
                _ = try await settled(house, ids) { $0.state != .sending }
                #expect(try await house.fax(ids[1]).state == .cancelled)
                house.clock.advance(by: .seconds(600))
                dispatcher.wake()
                let faxes = try await settled(house, [ids[0], ids[2]]) { $0.state.isTerminal }
                #expect(faxes.allSatisfy { $0.state == .delivered })
                // The first goes on where it was.
                #expect(try await house.fax(ids[0]).attempts.map { $0.pages.map(\.page) } == [[0], [1]])
            }
        }
    }

    /// A record that cannot be made leaves nothing behind, however often that is tried.
    @Test func `what was sealed for a call that cannot be made is discarded`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let before = try house.blobs().count
            let backend = ScriptedBackend(keepsRecords: true, ScriptedBackend.deliver)
            let sending = Sending(
                documents: house.documents, routes: [Route(name: "scripted", backend: backend, maximumCalls: 1)],
                header: try HeaderText(sender: "Quincy Clinic", number: "+1 555 123 0111", timeZone: "UTC"),
                records: house.path + "/nowhere/calls", clock: house.clock.function, pause: {}, logger: house.logger)
            await #expect(throws: (any Error).self) { try await sending.send([id], by: 0) }
            #expect(try house.blobs().count == before)
            #expect(backend.requests.isEmpty)
        }
    }
}
