import Backends
import FaxModel
import Foundation
import Logging
import NIOPosix
import SIP
import Synchronization
import Testing
import WorkerProtocol
import Workers

/// Our line and the loopback exchange on sockets of this machine, with real workers.
final class TestLine: Sendable {
    /// The build puts `faxlock-line` beside the tests.
    static let worker = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("faxlock-line").path

    static var isWorkerBuilt: Bool { FileManager.default.isExecutableFile(atPath: worker) }

    let line: OwnLine
    let inbox: MemoryInbox
    private let agents: [UserAgent]
    private let running: Task<Void, Never>

    /// - Parameters:
    ///   - callerWorker: the executable of the calling side.
    ///   - answererWorker: that of the answering side.
    init(
        inbox: MemoryInbox = MemoryInbox(), callerWorker: String = TestLine.worker, answererWorker: String = TestLine.worker,
        configure: (inout OwnLine.Configuration) -> Void = { _ in }
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let configuration = UserAgentConfiguration(bindHost: "127.0.0.1", bindPort: 0, productName: "test")
        let caller = try await UserAgent.start(configuration: configuration, group: group)
        let answerer = try await UserAgent.start(configuration: configuration, group: group)
        let exchange = LoopbackExchange(
            agent: answerer, worker: CallWorker(executable: answererWorker, group: group), inbox: inbox, isUnpaced: true,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var line = OwnLine.Configuration.loopback(
            stationIdentifier: "+15551230111", destination: exchange.destination, isUnpaced: true)
        configure(&line)
        self.line = OwnLine(agent: caller, worker: CallWorker(executable: callerWorker, group: group), configuration: line)
        self.inbox = inbox
        agents = [caller, answerer]
        running = Task { await exchange.run() }
    }

    static func with(
        inbox: MemoryInbox = MemoryInbox(), callerWorker: String = TestLine.worker, answererWorker: String = TestLine.worker,
        configure: (inout OwnLine.Configuration) -> Void = { _ in }, _ body: (TestLine) async throws -> Void
    ) async throws {
        let line = try await TestLine(inbox: inbox, callerWorker: callerWorker, answererWorker: answererWorker, configure: configure)
        do {
            try await body(line)
        } catch {
            await line.shutDown()
            throw error
        }
        await line.shutDown()
    }

    private func shutDown() async {
        for agent in agents { await agent.shutdown() }
        await running.value
    }

    /// Calls and sends.
    func send(
        _ pages: [FaxPage], to number: String = "+15551230100", firstPage: Int = 0, reference: String = "call-1",
        report: @escaping @Sendable (CallProgress) async throws -> Void = { _ in }
    ) async throws -> AttemptResult {
        let call = OutboundCall(
            reference: reference, number: try #require(PhoneNumber(number)), image: try TestPages.file(pages), documents: [pages.count],
            firstPage: firstPage)
        return await line.send(call, report: report)
    }
}

/// What a backend reported, as words in order.
final class ProgressLog: Sendable {
    private let words = Mutex<[String]>([])

    var entries: [String] { words.withLock { $0 } }
    /// Pages that were confirmed.
    var confirmed: Int { entries.filter { $0.hasPrefix("page") }.count }

    var report: @Sendable (CallProgress) async throws -> Void {
        { self.note($0) }
    }

    func note(_ progress: CallProgress) {
        let word =
            switch progress {
            case .ringing: "ringing"
            case .answered: "answered"
            case .negotiated(let facts): "negotiated \(facts.remoteIdentifier)"
            case .pageConfirmed(let report): "page \(report.page)"
            }
        words.withLock { $0.append(word) }
    }
}
