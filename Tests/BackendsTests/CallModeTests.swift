import FaxModel
import Logging
import NIOCore
import NIOPosix
import SIP
import Testing
import WorkerProtocol
import Workers

@testable import Backends

/// Calls between two lines that could do both, at the speed of a modem.
@Suite(.enabled(if: TestLine.isWorkerBuilt, "faxlock-line is not built"), .timeLimit(.minutes(2)))
struct CallModeTests {
    @Test func `a call of audio only goes over audio, though the far end offers T.38`() async throws {
        let result = try await Self.call(mode: .rung(2), expecting: "+15551230142")
        #expect(result.outcome == .delivered, "\(result.evidence)")
        #expect(result.evidence.contains("over G.711"), "\(result.evidence)")
    }

    @Test func `another machine is recognised over audio too`() async throws {
        let result = try await Self.call(mode: .rung(2), expecting: "+15551230143")
        #expect(result.outcome == .failed(.stationMismatch), "\(result.evidence)")
        #expect(result.trace.filter { !$0.isIncoming }.map(\.name) == ["DCN"])
    }

    private static func call(mode: CallMode, expecting station: String) async throws -> AttemptResult {
        let group = MultiThreadedEventLoopGroup.singleton
        let configuration = UserAgentConfiguration(bindHost: "127.0.0.1", bindPort: 0, productName: "test")
        let caller = try await UserAgent.start(configuration: configuration, group: group)
        let answerer = try await UserAgent.start(configuration: configuration, group: group)
        let worker = CallWorker(executable: TestLine.worker, group: group)
        let answering = Answering(
            agent: answerer, worker: worker, inbox: MemoryInbox(), address: "127.0.0.1", policy: MediaPolicy(), isUnpaced: false,
            trunk: "carrier", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _ in .accept(number: "+15551230142") }
        let running = Task { await answering.run() }
        var line = OwnLine.Configuration.loopback(
            stationIdentifier: "+15551230111",
            destination: SIPDestination(host: "127.0.0.1", port: answerer.localAddress.port ?? 5060), isUnpaced: false)
        line.media = MediaPolicy()
        let pages = SandboxCalls.pages(1)
        let call = OutboundCall(
            reference: "call", number: try #require(PhoneNumber("+15551230142")), image: try TestPages.file(pages), documents: [1],
            firstPage: 0,
            mode: mode, expectedStation: station)
        let result = await OwnLine(agent: caller, worker: worker, configuration: line).send(call) { _ in }
        for agent in [caller, answerer] { await agent.shutdown() }
        await running.value
        return result
    }
}
