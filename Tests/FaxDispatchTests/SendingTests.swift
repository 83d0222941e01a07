import Backends
import FaxModel
import Imaging
import Store
import Testing
import Vault
import WorkerProtocol
import Workers

@testable import FaxDispatch

@Suite struct SendingTests {
    private func sending(
        _ house: TestHouse, _ backend: ScriptedBackend, policy: RetryPolicy = .once,
        pause: @escaping @Sendable () async throws -> Void = { throw CancellationError() }
    ) throws -> Sending {
        Sending(
            documents: house.documents, routes: [Route(name: "scripted", backend: backend, maximumCalls: 1)],
            header: try HeaderText(sender: "Quincy Clinic", number: "+1 555 123 0111", timeZone: "America/New_York"), policy: policy,
            clock: house.clock.function, pause: pause, logger: house.logger)
    }

    /// Promise 5: the backend's word alone is not enough.
    @Test(arguments: [[], [0], [1], [0, 0], [0, 2], [1, 0]])
    func `a delivery without every page confirmed is a failure`(confirmed: [Int]) async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1, pages: (0..<3).map { TestPages.page($0) })
            let backend = ScriptedBackend { _, report in
                for page in confirmed { try? await ScriptedBackend.confirm(page..<page + 1, report) }
                return AttemptResult(.delivered, evidence: "T.30 0")
            }
            try await sending(house, backend).send([id])
            let fax = try await house.fax(id)
            #expect(fax.state == .failed)
            #expect(fax.attempts.first?.cause == .protocolError)
            #expect(fax.attempts.first?.evidence?.contains("of 3 pages confirmed") == true)
        }
    }

    @Test(arguments: FailureCause.allCases)
    func `the cause of a failure is on record`(cause: FailureCause) async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            try await sending(house, ScriptedBackend { _, _ in AttemptResult(.failed(cause), evidence: "SIP 486") }).send([id])
            let fax = try await house.fax(id)
            switch cause {
            // The pages are made anew, for which there is no call to count.
            case .incapable: #expect(fax.state == .accepted && fax.resolution == .standard)
            case .stationMismatch: #expect(fax.state == .held && fax.hold == .stationMismatch)
            default: #expect(fax.state == .failed)
            }
            #expect(fax.attempts.first?.cause == cause)
            #expect(fax.error?.hasSuffix("\(cause.sentence) (SIP 486)") == true)
        }
    }

    /// All pages are there: another call would make a second copy.
    @Test func `an interrupted call with every page confirmed is not repeated`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let backend = ScriptedBackend { _, report in
                try? await ScriptedBackend.confirm(0..<2, report)
                return AttemptResult(.interrupted, evidence: "the server stopped")
            }
            try await sending(house, backend).send([id])
            #expect(try await house.fax(id).state == .unknown)
        }
    }

    @Test func `a call that was not made leaves the fax in the queue, with its reason on record`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let backend = ScriptedBackend { _, _ in AttemptResult(.notDialled, evidence: "no worker") }
            await #expect(throws: Sending.NotDialled.self) { try await sending(house, backend).send([id]) }
            let fax = try await house.fax(id)
            #expect(fax.state == .queued)
            #expect(fax.attempts.map(\.outcome) == ["not_dialled"])
            #expect(fax.attempts.first?.evidence == "no worker")
            house.clock.advance(by: .seconds(30))
            try await sending(house, ScriptedBackend(ScriptedBackend.deliver)).send([id])
            #expect(try await house.fax(id).state == .delivered)
            #expect(try await house.fax(id).attempts.map(\.number) == [1, 2])
        }
    }

    @Test func `each step of the call is on record`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let backend = ScriptedBackend { call, report in
                house.clock.advance(by: .seconds(3))
                return await ScriptedBackend.deliver(call, report)
            }
            let before = house.clock.now
            try await sending(house, backend).send([id])
            let attempt = try #require(try await house.fax(id).attempts.first)
            #expect(attempt.intentAt == before)
            #expect(attempt.startedAt == before.advanced(by: .seconds(3)))
            #expect(attempt.bitRate == 14_400)
            #expect(attempt.errorCorrection == true)
            #expect(attempt.pages.map(\.page) == [0, 1])
            #expect(attempt.outcome == "delivered")
        }
    }

    @Test(arguments: [FaxState.cancelled, .unknown, .delivered])
    func `a fax that is not queued any more is not called`(state: FaxState) async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            try await house.execute("UPDATE faxes SET state = '\(state.rawValue)'")
            let backend = ScriptedBackend { _, _ in AttemptResult(.failed(.busy), evidence: "") }
            try await sending(house, backend).send([id])
            #expect(backend.requests.isEmpty)
            // Upload and pages, and nothing to transmit.
            #expect(try house.blobs().count == 2)
        }
    }

    @Test func `when the intent cannot be committed there is no call`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            try await house.execute("CREATE TRIGGER refuse BEFORE INSERT ON attempts BEGIN SELECT RAISE(ABORT, 'no'); END")
            let backend = ScriptedBackend { _, _ in AttemptResult(.failed(.busy), evidence: "") }
            await #expect(throws: (any Error).self) { try await sending(house, backend).send([id]) }
            #expect(backend.requests.isEmpty)
            #expect(try await house.fax(id).state == .queued)
            #expect(try house.blobs().count == 2)
        }
    }

    @Test func `an outcome that cannot be recorded is tried until it can`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            try await house.execute(
                "CREATE TRIGGER refuse BEFORE UPDATE OF outcome ON attempts BEGIN SELECT RAISE(ABORT, 'no'); END")
            let pauses = Signal()
            let backend = ScriptedBackend { call, report in await ScriptedBackend.deliver(call, report) }
            try await sending(house, backend) {
                pauses.send()
                try await house.execute("DROP TRIGGER refuse")
            }.send([id])
            await pauses.wait()
            #expect(try await house.fax(id).state == .delivered)
            #expect(backend.requests.count == 1)
        }
    }

    @Test func `a backend is told when its reports cannot be recorded`() async throws {
        try await TestHouse.with { house in
            let id = try await house.queue(1)
            let backend = ScriptedBackend { _, report in
                await #expect(throws: (any Error).self) { try await ScriptedBackend.confirm(0..<1, report) }
                return AttemptResult(.unknown, evidence: "not recorded")
            }
            try await house.execute("CREATE TRIGGER refuse BEFORE INSERT ON attempt_pages BEGIN SELECT RAISE(ABORT, 'no'); END")
            try await sending(house, backend).send([id])
            #expect(try await house.fax(id).state == .unknown)
        }
    }

    @Test func `every transmitted page has its header line, and below it the page`() async throws {
        try await TestHouse.with { house in
            let pages = [TestPages.page(1), TestPages.page(2, rows: 333)]
            let id = try await house.queue(1, pages: pages)
            let backend = ScriptedBackend { call, report in
                do {
                    let reader = try TIFFReader(ClosureRandomAccess { try call.image.read(at: $0, count: $1) })
                    #expect(reader.count == 2)
                    for (index, page) in pages.enumerated() {
                        try Self.check(try reader.page(at: index), shows: page, number: index + 1)
                    }
                } catch {
                    Issue.record("\(error)")
                }
                return await ScriptedBackend.deliver(call, report)
            }
            try await sending(house, backend).send([id])
            // What is kept is what was sent.
            let attempt = try #require(try await house.fax(id).attempts.first)
            let kept = try await house.documents.open(attempt.image).read(upTo: 10_000_000)
            let reader = try TIFFReader(kept)
            #expect(reader.count == 2)
            for (index, page) in pages.enumerated() { try Self.check(try reader.page(at: index), shows: page, number: index + 1) }
        }
    }

    private static func check(_ sent: FaxPage, shows page: FaxPage, number: Int) throws {
        // The clock of the tests, in New York's winter.
        let header = HeaderLine(date: "2026-11-22 03:30 UTC-05:00", sender: "Quincy Clinic", number: "+1 555 123 0111")
        let text = header.line(page: number, of: 2)
        #expect(text.contains("P. \(number)/2"))
        let height = HeaderLine.height(at: .fine)
        let picture = try sent.bitmap()
        let original = try page.bitmap()
        #expect(picture.height == original.height + height)
        let split = height * picture.rowBytes
        #expect(Array(picture.bytes[..<split]) == HeaderLine.bitmap(text, width: Resolution.width, resolution: .fine).bytes)
        #expect(Array(picture.bytes[split...]) == original.bytes)
    }
}

extension RetryPolicy {
    /// No second call.
    fileprivate static var once: RetryPolicy {
        var policy = RetryPolicy()
        policy.maximumDials = 1
        return policy
    }
}

extension Sending {
    fileprivate func send(_ ids: [FaxID]) async throws { _ = try await send(ids, by: 0) }
}
