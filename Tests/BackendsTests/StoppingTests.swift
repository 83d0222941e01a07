import FaxModel
import Logging
import NIOPosix
import SIP
import Testing
import WorkerProtocol
import Workers

@testable import Backends

/// A stop while a received fax cannot be stored.
@Suite(.enabled(if: TestLine.isWorkerBuilt, "faxlock-line is not built"), .timeLimit(.minutes(10))) struct StoppingTests {
    /// The disk is full from the end of the call on.
    private struct FullInbox: Inbox {
        let isAtEnd: AsyncStream<Void>.Continuation

        func knows(number: String) -> Bool { true }
        func admit(_ call: InboundCall) -> Admission { .accepted }
        func begin(_ call: InboundCall) -> any Reception { FullReception(isAtEnd: isAtEnd) }
    }

    private struct FullReception: Reception {
        let isAtEnd: AsyncStream<Void>.Continuation

        func identified(_ negotiation: Negotiation) {}
        func append(_ page: FaxPage, _ report: PageReport) {}
        func finish(_ end: WorkerProtocol.CallEnd) async throws { try await wait() }
        func breakOff() async throws { try await wait() }
        func abandon() {}

        private func wait() async throws {
            isAtEnd.finish()
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    @Test func `does not wait for a disk that stays full`() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let configuration = UserAgentConfiguration(bindHost: "127.0.0.1", bindPort: 0)
        let caller = try await UserAgent.start(configuration: configuration, group: group)
        let answerer = try await UserAgent.start(configuration: configuration, group: group)
        let (isAtEnd, continuation) = AsyncStream<Void>.makeStream()
        let worker = CallWorker(executable: TestLine.worker, group: group)
        let exchange = LoopbackExchange(
            agent: answerer, worker: worker, inbox: FullInbox(isAtEnd: continuation), isUnpaced: true, logger: UserAgent.silence)
        let running = Task { await exchange.run() }
        let line = OwnLine(
            agent: caller, worker: worker,
            configuration: .loopback(stationIdentifier: "+15551230111", destination: exchange.destination, isUnpaced: true))
        let pages = [TestPages.page(1, rows: 200)]
        let number = try #require(PhoneNumber("+15551230100"))
        let image = try TestPages.file(pages)
        let result = await line.send(
            OutboundCall(reference: "call-1", number: number, image: image, documents: [1], firstPage: 0)
        ) { _ in }
        // The line was free at once: the sender's call is over.
        #expect(result.outcome == .delivered, "\(result.evidence)")
        for await _ in isAtEnd {}
        // It returns; without an end of its patience the time limit would end this test.
        await exchange.stop(grace: .milliseconds(50))
        for agent in [caller, answerer] { await agent.shutdown() }
        await running.value
    }
}
