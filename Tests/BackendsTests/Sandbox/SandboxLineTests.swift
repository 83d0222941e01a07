import Backends
import FaxModel
import Testing
import WorkerProtocol

/// Each of the sandbox's numbers, by real calls between real workers.
@Suite(.enabled(if: TestLine.isWorkerBuilt, "faxlock-line is not built"), .timeLimit(.minutes(2)))
struct SandboxLineTests {
    @Test(arguments: ["0001", "0000", "9999"])
    func `most numbers deliver`(number: String) async throws {
        let call = try await SandboxCalls.send(SandboxCalls.pages(2), to: number)
        #expect(call.result.outcome == .delivered, "\(call.result.evidence)")
        #expect(call.steps == ["ringing", "answered", "negotiated +1500555\(number)", "page 0", "page 1"])
        #expect(call.negotiated.map(\.bitRate) == [14400])
        #expect(call.negotiated.map(\.errorCorrection) == [true])
    }

    @Test func `0002 is busy`() async throws {
        let call = try await SandboxCalls.send(to: "0002")
        #expect(call.result == AttemptResult(.failed(.busy), evidence: "SIP 486"))
        #expect(call.steps.isEmpty)
    }

    @Test func `0003 rings and nobody answers`() async throws {
        let call = try await SandboxCalls.send(to: "0003")
        #expect(call.result == AttemptResult(.failed(.noAnswer), evidence: "SIP 480"))
        #expect(call.steps == ["ringing"])
    }

    @Test func `0004 fails a fax's first call and delivers the second`() async throws {
        let first = try await SandboxCalls.send(SandboxCalls.pages(2), to: "0004")
        #expect(first.result.outcome == .failed(.protocolError), "\(first.result.evidence)")
        #expect(first.pages.isEmpty && first.negotiated.count == 1)
        let second = try await SandboxCalls.send(SandboxCalls.pages(2), to: "0004", earlierDials: 1)
        #expect(second.result.outcome == .delivered, "\(second.result.evidence)")
        #expect(second.pages == [0, 1])
    }

    @Test func `0005 drops page 2 and takes it in the next call`() async throws {
        let pages = SandboxCalls.pages(3)
        let first = try await SandboxCalls.send(pages, to: "0005")
        #expect(first.result.outcome == .failed(.protocolError), "\(first.result.evidence)")
        #expect(first.pages == [0])
        let second = try await SandboxCalls.send(pages, to: "0005", firstPage: 1, earlierDials: 1)
        #expect(second.result.outcome == .delivered, "\(second.result.evidence)")
        #expect(second.pages == [1, 2])
    }

    @Test func `0006 is a person`() async throws {
        let call = try await SandboxCalls.send(to: "0006")
        #expect(call.result.outcome == .failed(.notFax), "\(call.result.evidence)")
        #expect(call.steps == ["ringing", "answered"])
        #expect(call.result.evidence.contains("G.711, Q.850 cause 16"), "\(call.result.evidence)")
        #expect(!call.result.trace.contains { $0.isIncoming })
    }

    @Test func `0007 is nobody's`() async throws {
        #expect(try await SandboxCalls.send(to: "0007").result == AttemptResult(.failed(.unallocated), evidence: "SIP 404"))
    }

    @Test func `0008 takes the fax and nobody says so`() async throws {
        let call = try await SandboxCalls.send(to: "0008")
        #expect(call.result.outcome == .unknown)
        #expect(call.steps.isEmpty && call.result.trace.isEmpty)
    }

    @Test func `0009 is slow`() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let call = try await SandboxCalls.send(SandboxCalls.pages(1), to: "0009")
        #expect(call.result.outcome == .delivered, "\(call.result.evidence)")
        #expect(call.negotiated.last?.bitRate == 4800)
        #expect(clock.now - start > .seconds(8))
    }

    @Test func `0010 takes standard resolution only`() async throws {
        let fine = try await SandboxCalls.send(SandboxCalls.pages(1), to: "0010")
        #expect(fine.result.outcome == .failed(.incapable), "\(fine.result.evidence)")
        #expect(fine.pages.isEmpty)
        let standard = try await SandboxCalls.send(SandboxCalls.pages(1, resolution: .standard), to: "0010")
        #expect(standard.result.outcome == .delivered, "\(standard.result.evidence)")
    }

    @Test func `0011 has no error correction`() async throws {
        let call = try await SandboxCalls.send(to: "0011")
        #expect(call.result.outcome == .delivered, "\(call.result.evidence)")
        #expect(call.negotiated.map(\.errorCorrection) == [false])
    }

    @Test func `0012 trains down`() async throws {
        let call = try await SandboxCalls.send(to: "0012")
        #expect(call.result.outcome == .delivered, "\(call.result.evidence)")
        #expect(call.result.trace.filter { $0.isIncoming && $0.name == "FTT" }.count == 2)
        #expect(call.negotiated.last.map { $0.bitRate < 14400 } == true)
    }

    @Test func `0013 calls itself otherwise`() async throws {
        let call = try await SandboxCalls.send(to: "0013")
        #expect(call.result.outcome == .delivered, "\(call.result.evidence)")
        #expect(call.steps.contains("negotiated +15005559999"))
        let checked = try await SandboxCalls.send(to: "0013", expecting: "+15005550013")
        #expect(checked.result.outcome == .failed(.stationMismatch), "\(checked.result.evidence)")
        #expect(checked.pages.isEmpty && checked.negotiated.isEmpty)
        // Neither a page nor our own number was sent.
        #expect(checked.result.trace.filter { !$0.isIncoming }.map(\.name) == ["DCN"])
    }

    @Test func `a machine that calls itself as expected gets the fax`() async throws {
        let call = try await SandboxCalls.send(to: "0001", expecting: "500 555 0001")
        #expect(call.result.outcome == .delivered, "\(call.result.evidence)")
    }

    @Test func `0014 never takes page 3`() async throws {
        let pages = SandboxCalls.pages(4)
        let first = try await SandboxCalls.send(pages, to: "0014")
        #expect(first.result.outcome == .failed(.protocolError), "\(first.result.evidence)")
        #expect(first.pages == [0, 1])
        let second = try await SandboxCalls.send(pages, to: "0014", firstPage: 2, earlierDials: 1)
        #expect(second.result.outcome == .failed(.protocolError), "\(second.result.evidence)")
        #expect(second.pages.isEmpty)
    }

    @Test func `0015 is congested and says for how long`() async throws {
        let call = try await SandboxCalls.send(to: "0015")
        #expect(
            call.result == AttemptResult(.failed(.congestion), evidence: "SIP 503, Retry-After 1 s", retryAfter: .seconds(1)))
    }

    @Test func `0016 drops before any page is confirmed`() async throws {
        let call = try await SandboxCalls.send(SandboxCalls.pages(2), to: "0016", earlierDials: 5)
        #expect(call.result.outcome == .failed(.protocolError), "\(call.result.evidence)")
        #expect(call.pages.isEmpty && call.negotiated.count == 1)
    }

    @Test func `a call goes no faster than its mode`() async throws {
        let slower = try await SandboxCalls.send(to: "0001", mode: .rung(1))
        #expect(slower.result.outcome == .delivered, "\(slower.result.evidence)")
        #expect(slower.negotiated.map(\.bitRate) == [9600])
        // Audio carries nothing here: what it asks for beside that is kept to all the same.
        let last = try await SandboxCalls.send(to: "0001", mode: .rung(4))
        #expect(last.result.outcome == .delivered, "\(last.result.evidence)")
        #expect(last.negotiated.map(\.bitRate) == [9600] && last.negotiated.map(\.errorCorrection) == [false])
    }
}
