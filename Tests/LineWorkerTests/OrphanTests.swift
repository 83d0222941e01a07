import FaxModel
import Foundation
import Glibc
import Imaging
import Testing
import WorkerProtocol
import Workers

/// What a worker puts on record, and does, when its gateway is killed at a certain instant of a call.
@Suite(.enabled(if: TwoWorkers.areBuilt, "faxlock-line is not built"), .timeLimit(.minutes(2)))
struct OrphanTests {
    private let pages = [TwoWorkers.page(1), TwoWorkers.page(2), TwoWorkers.page(3)]

    /// What happens to the calling side; called by the far end's gateway before it answers an event.
    private typealias Fate = @Sendable (Orphan, CallEvent) -> Void

    private struct Outcome {
        let record: CallRecord
        let received: TwoWorkers.Report
        let finding: CallRecord.Finding
    }

    /// A call of which `fate` becomes the end; the far end's gateway lives on, and stores every page but `refused`.
    private func call(firstPage: Int = 0, refusing refused: Int? = nil, fate: @escaping Fate) async throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faxlock-orphan-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var writer = TIFFWriter(pages: pages.count)
        let document = try MemoryFile()
        for page in pages { try document.append(writer.append(page)) }
        try document.append(writer.finish())

        var file: CallRecordFile? = try await CallRecordFile.make(in: folder + "/calls", reference: "call", pages: pages.count)
        let path = try #require(file).path
        let orphan = try Orphan(
            setup: CallSetup(
                isCaller: true, isSending: true, stationIdentifier: "+15551230101", firstPage: firstPage, isUnpaced: true,
                deadlineSeconds: 60),
            document: document, record: try #require(file).descriptor)
        file = nil
        #expect(try await CallRecord.read(path) == .underWay)
        let (callerPorts, callerPort) = AsyncStream<UInt16>.makeStream()
        let (calledPorts, calledPort) = AsyncStream<UInt16>.makeStream()
        async let far = TwoWorkers.side(
            CallSetup(isCaller: false, isSending: false, stationIdentifier: "+15551230102", isUnpaced: true, deadlineSeconds: 60),
            document: nil, own: calledPort, peer: callerPorts
        ) { event, peer in
            if case .ready = event { return [t38(peer)] }
            fate(orphan, event)
            if case .page(let page) = event { return page.page == refused ? [.hangUp] : [.pageStored] }
            return []
        }
        for await event in orphan.events {
            if case .ready(let port) = event {
                callerPort.yield(port)
                for await peer in calledPorts {
                    try orphan.send(t38(peer))
                    break
                }
            }
            if case .ended = event { break }
        }
        let received = try await far
        guard case .found(let record) = try await CallRecord.read(path, waiting: .seconds(30)) else {
            throw Orphan.Failure()
        }
        return Outcome(record: record, received: received, finding: record.finding(pages: pages.count, firstPage: firstPage))
    }

    @Test func aWholeCallIsOnRecord() async throws {
        let outcome = try await call { _, _ in }
        #expect(
            outcome.record
                == CallRecord([
                    .transmitting, .confirmed(page: 0), .confirmed(page: 1), .asked(page: 2), .confirmed(page: 2),
                    .ended(code: 0, pages: 3),
                ]))
        #expect(outcome.finding == .delivered)
    }

    /// The far end has the page, and its confirmation is still to come.
    @Test func theConfirmationOfThePageUnderWayIsOnRecordAndNothingFollows() async throws {
        let outcome = try await call { orphan, event in
            if case .page(let page) = event, page.page == 0 { orphan.loseGateway() }
        }
        #expect(outcome.record == CallRecord([.transmitting, .confirmed(page: 0), .ended(code: 106, pages: 1)]))
        #expect(outcome.finding == .notDelivered(confirmed: 1))
        #expect(outcome.received.pages == [pages[0]])
        #expect(outcome.received.end?.trace.last?.name == "DCN")
    }

    @Test func theConfirmationOfTheLastPageIsOnRecord() async throws {
        let outcome = try await call(firstPage: 1) { orphan, event in
            if case .page(let page) = event, page.isLast { orphan.loseGateway() }
        }
        #expect(
            outcome.record
                == CallRecord([.transmitting, .confirmed(page: 1), .asked(page: 2), .confirmed(page: 2), .ended(code: 0, pages: 2)]))
        #expect(outcome.finding == .delivered)
        #expect(outcome.received.end?.code == 0)
    }

    /// The gateway went before the page that is on the line, which the far end refuses to confirm.
    @Test func aPageThatIsNotConfirmedIsNotOnRecord() async throws {
        let outcome = try await call(refusing: 0) { orphan, event in
            if case .page = event { orphan.loseGateway() }
        }
        #expect(outcome.finding == .notDelivered(confirmed: 0))
        #expect(outcome.record.end.map { $0 != 0 } == true)
    }

    @Test func aWorkerThatIsKilledTooLeavesWhatWasConfirmed() async throws {
        let outcome = try await call(refusing: 1) { orphan, event in
            if case .page(let page) = event, page.page == 1 { orphan.killWorker() }
        }
        #expect(outcome.record == CallRecord([.transmitting, .confirmed(page: 0)]))
        #expect(outcome.finding == .notDelivered(confirmed: 1))
    }

    @Test func aWorkerThatIsKilledBeforeTheLastAnswerLeavesADoubt() async throws {
        let outcome = try await call(refusing: 2) { orphan, event in
            if case .page(let page) = event, page.isLast { orphan.killWorker() }
        }
        #expect(outcome.record == CallRecord([.transmitting, .confirmed(page: 0), .confirmed(page: 1), .asked(page: 2)]))
        #expect(outcome.finding == .uncertain(confirmed: 2))
    }

    @Test func withoutMediaNothingWasTransmitted() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faxlock-orphan-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var file: CallRecordFile? = try await CallRecordFile.make(in: folder + "/calls", reference: "call", pages: 3)
        let path = try #require(file).path
        let orphan = try Orphan(
            setup: CallSetup(isCaller: true, isSending: true, stationIdentifier: "", deadlineSeconds: 60), document: try MemoryFile(),
            record: try #require(file).descriptor)
        file = nil
        for await event in orphan.events {
            if case .ready = event { break }
        }
        orphan.loseGateway()
        let reading = try await CallRecord.read(path, waiting: .seconds(30))
        #expect(reading == .found(CallRecord([])))
        #expect(CallRecord([]).finding(pages: 3, firstPage: 0) == .neverTransmitted)
    }

    /// A disk that takes no entry: then not even the first frame leaves.
    @Test func whatCannotBeRecordedIsNotTransmitted() async throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        defer { close(full) }
        var writer = TIFFWriter(pages: 1)
        let document = try MemoryFile()
        try document.append(writer.append(pages[0]))
        try document.append(writer.finish())
        let orphan = try Orphan(
            setup: CallSetup(isCaller: true, isSending: true, stationIdentifier: "", isUnpaced: true, deadlineSeconds: 60),
            document: document, record: full)
        let (callerPorts, callerPort) = AsyncStream<UInt16>.makeStream()
        let (calledPorts, calledPort) = AsyncStream<UInt16>.makeStream()
        async let far = TwoWorkers.side(
            CallSetup(isCaller: false, isSending: false, stationIdentifier: "", isUnpaced: true, deadlineSeconds: 3), document: nil,
            own: calledPort, peer: callerPorts
        ) { event, peer in
            if case .ready = event { return [t38(peer)] }
            return []
        }
        var end: CallEnd?
        for await event in orphan.events {
            if case .ready(let port) = event {
                callerPort.yield(port)
                for await peer in calledPorts {
                    try orphan.send(t38(peer))
                    break
                }
            }
            if case .ended(let said) = event { end = said }
        }
        #expect(end?.code == 107)
        #expect(end?.pages == 0)
        // It spoke until its deadline and heard nothing.
        let trace = try #require(try await far.end).trace
        #expect(!trace.isEmpty && trace.allSatisfy { !$0.isIncoming })
    }
}
