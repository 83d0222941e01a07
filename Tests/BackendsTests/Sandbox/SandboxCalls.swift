import FaxModel
import Imaging
import Logging
import NIOPosix
import SIP
import Synchronization
import Testing
import WorkerProtocol
import Workers

@testable import Backends

/// The sandbox's line and its far ends, with real workers.
final class SandboxCalls: Sendable {
    /// What came of a call.
    struct Outcome: Sendable {
        let result: AttemptResult
        let steps: [String]
        let negotiated: [Negotiation]
        /// Pages confirmed, from 0.
        let pages: [Int]
    }

    private let line: SandboxLine
    private let agents: [UserAgent]
    private let running: Task<Void, Never>

    init() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let configuration = UserAgentConfiguration(bindHost: "127.0.0.1", bindPort: 0, productName: "test")
        let caller = try await UserAgent.start(configuration: configuration, group: group)
        let answerer = try await UserAgent.start(configuration: configuration, group: group)
        let worker = CallWorker(executable: TestLine.worker, group: group)
        // What the sandbox receives is in no inbox, so one that takes nothing does.
        let exchange = LoopbackExchange(
            agent: answerer, worker: worker, inbox: MemoryInbox(admission: .unknownNumber), isUnpaced: true,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        line = SandboxLine(agent: caller, worker: worker, exchange: exchange, stationIdentifier: "+15551230111", isUnpaced: true)
        agents = [caller, answerer]
        running = Task { await exchange.run() }
    }

    /// Calls one of the sandbox's numbers by a line of its own.
    static func send(
        _ pages: [FaxPage] = [TestPages.page(1, rows: 200)], to last: String, firstPage: Int = 0, earlierDials: Int = 0,
        expecting station: String? = nil, mode: CallMode = .rung(0)
    ) async throws -> Outcome {
        let calls = try await SandboxCalls()
        do {
            let outcome = try await Self.send(
                pages, to: last, firstPage: firstPage, earlierDials: earlierDials, expecting: station, mode: mode, by: calls.line)
            await calls.shutDown()
            return outcome
        } catch {
            await calls.shutDown()
            throw error
        }
    }

    /// Calls by `backend`.
    static func send(
        _ pages: [FaxPage] = [TestPages.page(1, rows: 200)], to last: String, firstPage: Int = 0, earlierDials: Int = 0,
        expecting station: String? = nil, mode: CallMode = .rung(0), by backend: any Backend
    ) async throws -> Outcome {
        let call = OutboundCall(
            reference: "call-\(last)", number: try #require(PhoneNumber("+1500555" + last)), image: try TestPages.file(pages),
            documents: [pages.count], firstPage: firstPage, mode: mode, expectedStation: station, earlierDials: earlierDials)
        let progress = Mutex<[CallProgress]>([])
        let result = await backend.send(call) { step in progress.withLock { $0.append(step) } }
        let steps = progress.withLock { $0 }
        let log = ProgressLog()
        for step in steps { log.note(step) }
        return Outcome(
            result: result, steps: log.entries,
            negotiated: steps.compactMap { if case .negotiated(let facts) = $0 { facts } else { nil } },
            pages: steps.compactMap { if case .pageConfirmed(let report) = $0 { report.page } else { nil } })
    }

    private func shutDown() async {
        for agent in agents { await agent.shutdown() }
        await running.value
    }

    /// So many pages with few rows.
    static func pages(_ count: Int, resolution: Resolution = .fine) -> [FaxPage] {
        (0..<count).map { number in
            var bitmap = Bitmap(width: Resolution.width, height: 200)
            for row in stride(from: 20, to: 180, by: 12) { bitmap.blacken(columns: (100 + number * 10)..<900, row: row) }
            return FaxPage(bitmap, resolution: resolution)
        }
    }
}
