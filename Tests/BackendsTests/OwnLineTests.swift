import Backends
import FaxModel
import Foundation
import Glibc
import Testing
import WorkerProtocol

/// Whole faxes over SIP, T.38 and T.30, from our line to the loopback exchange.
@Suite(.serialized, .enabled(if: TestLine.isWorkerBuilt, "faxlock-line is not built"), .timeLimit(.minutes(10)))
struct OwnLineTests {
    @Test func `two pages arrive as they were sent`() async throws {
        try await TestLine.with { line in
            let pages = [TestPages.page(1), TestPages.page(2)]
            let log = ProgressLog()
            let result = try await line.send(pages, to: "+15551230142", reference: "call-7", report: log.report)
            #expect(result.outcome == .delivered, "\(result.evidence)")
            #expect(log.entries == ["ringing", "answered", "negotiated +15551230142", "page 0", "page 1"])
            let fax = try #require(await line.inbox.next())
            #expect(fax.pages == pages)
            #expect(fax.end?.code == 0)
            #expect(fax.end?.pages == 2)
            #expect(fax.end?.remoteIdentifier == "+15551230111")
            #expect(fax.call.to == "+15551230142")
            #expect(fax.call.from == "+15551230111")
            #expect(fax.call.reference == "call-7")
        }
    }

    @Test func `a resumed call sends what is left`() async throws {
        try await TestLine.with { line in
            let pages = (0..<3).map { TestPages.page($0, rows: 400) }
            let log = ProgressLog()
            let result = try await line.send(pages, firstPage: 2, report: log.report)
            #expect(result.outcome == .delivered, "\(result.evidence)")
            #expect(log.entries.last == "page 2")
            #expect(log.confirmed == 1)
            #expect(await line.inbox.next()?.pages == [pages[2]])
        }
    }

    @Test func `calls at the same time do not mix`() async throws {
        try await TestLine.with { line in
            let results = try await withThrowingTaskGroup(of: AttemptResult.self) { group in
                for number in 1...3 {
                    group.addTask {
                        try await line.send([TestPages.page(number, rows: 400)], to: "+1555123010\(number)", reference: "call-\(number)")
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.map(\.outcome) == [.delivered, .delivered, .delivered])
            for _ in 1...3 {
                let fax = try #require(await line.inbox.next())
                let number = try #require(fax.call.to.last?.wholeNumberValue)
                #expect(fax.call.reference == "call-\(number)")
                #expect(fax.pages == [TestPages.page(number, rows: 400)])
            }
        }
    }

    @Test(arguments: ["+15551239999", "5551230100", "+25551230100"])
    func `a number that is not served fails with the exchange's word`(number: String) async throws {
        try await TestLine.with { line in
            let log = ProgressLog()
            let result = try await line.send([TestPages.page(1)], to: number, report: log.report)
            #expect(result == AttemptResult(.failed(.unallocated), evidence: "SIP 404"))
            #expect(log.entries.isEmpty)
        }
    }

    @Test func `cancelled in mid-call, the call ends in good order`() async throws {
        try await TestLine.with { line in
            let pages = (0..<20).map { TestPages.page($0) }
            let log = ProgressLog()
            let (firstPage, confirmed) = AsyncStream<Void>.makeStream()
            let sending = Task {
                try await line.send(pages) { progress in
                    log.note(progress)
                    if case .pageConfirmed = progress { confirmed.yield() }
                }
            }
            for await _ in firstPage { break }
            sending.cancel()
            let result = try await sending.value
            let fax = try #require(await line.inbox.next())
            switch result.outcome {
            case .delivered: #expect(log.confirmed == 20)
            case .interrupted: #expect((1..<20).contains(log.confirmed), "\(result.evidence)")
            case .failed, .notDialled, .unknown: Issue.record("\(result)")
            }
            // What was confirmed has been received.
            #expect(fax.pages.count >= log.confirmed)
            #expect(fax.pages == Array(pages.prefix(fax.pages.count)))
        }
    }

    @Test func `cancelled before the answer, nothing is sent`() async throws {
        try await TestLine.with { line in
            let (ringing, rings) = AsyncStream<Void>.makeStream()
            let (cancelled, goOn) = AsyncStream<Void>.makeStream()
            let log = ProgressLog()
            let sending = Task {
                try await line.send([TestPages.page(1)]) { progress in
                    log.note(progress)
                    guard case .ringing = progress else { return }
                    rings.yield()
                    // The stop is the next thing that the call hears of, or nearly.
                    await Task { for await _ in cancelled { break } }.value
                }
            }
            for await _ in ringing { break }
            sending.cancel()
            goOn.yield()
            let result = try await sending.value
            #expect([.interrupted, .delivered].contains(result.outcome), "\(result)")
            #expect((result.outcome == .delivered) == (log.confirmed == 1))
        }
    }

    @Test func `a call whose progress cannot be recorded goes no further`() async throws {
        struct Unrecordable: Error {}
        try await TestLine.with { line in
            let result = try await line.send((0..<5).map { TestPages.page($0) }) { progress in
                if case .pageConfirmed = progress { throw Unrecordable() }
            }
            #expect(result.outcome == .unknown)
            let fax = try #require(await line.inbox.next())
            #expect(fax.pages.count < 5)
        }
    }

    @Test func `the line's own worker dies: the line has failed`() async throws {
        // A name of its own, so that no other call's worker is taken for it.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faxlock-line-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = "fl-caller"
        let worker = folder.appendingPathComponent(name).path
        try FileManager.default.createSymbolicLink(atPath: worker, withDestinationPath: TestLine.worker)
        try await TestLine.with(callerWorker: worker) { line in
            let log = ProgressLog()
            let result = try await line.send((0..<20).map { TestPages.page($0) }) { progress in
                log.note(progress)
                guard case .pageConfirmed = progress else { return }
                for process in ChildProcesses.named(name) { kill(process, SIGKILL) }
            }
            #expect(log.confirmed > 0)
            #expect(result.outcome == (log.confirmed == 20 ? .unknown : .failed(.line)), "\(result.evidence)")
            #expect(ChildProcesses.named(name).isEmpty)
            // What came before stays, as a part.
            let fax = try #require(await line.inbox.next())
            #expect(fax.end?.code != 0)
            #expect(fax.pages.count >= log.confirmed)
        }
    }

    @Test func `without a worker no call is made, and another try may help`() async throws {
        try await TestLine.with(callerWorker: "/nonexistent/faxlock-line") { line in
            let log = ProgressLog()
            let result = try await line.send([TestPages.page(1)], report: log.report)
            #expect(result.outcome == .notDialled, "\(result.evidence)")
            #expect(log.entries.isEmpty)
        }
    }

    @Test func `an exchange without a worker does not answer`() async throws {
        try await TestLine.with(answererWorker: "/nonexistent/faxlock-line") { line in
            let log = ProgressLog()
            let result = try await line.send([TestPages.page(1)], report: log.report)
            #expect(result == AttemptResult(.failed(.congestion), evidence: "SIP 500"))
            #expect(log.entries == ["ringing"])
        }
    }

    @Test func `an inbox that is full ends the call, and no page is delivered unseen`() async throws {
        try await TestLine.with(inbox: MemoryInbox(limit: 1)) { line in
            let log = ProgressLog()
            let result = try await line.send((0..<6).map { TestPages.page($0) }, report: log.report)
            #expect(result.outcome != .delivered, "\(result.evidence)")
            // The page that could not be stored was not confirmed: the sender still has it to send.
            #expect(log.confirmed == 1)
            let fax = try #require(await line.inbox.next())
            #expect(fax.end == nil)
            #expect(fax.pages.count == 1)
        }
    }
}
