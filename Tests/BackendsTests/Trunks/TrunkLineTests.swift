import Access
import FaxModel
import Logging
import NIOCore
import NIOPosix
import SIP
import Testing
import Workers

@testable import Backends

/// Who may bring which calls by a trunk.
@Suite(.timeLimit(.minutes(10))) struct TrunkLineTests {
    /// Calls a trunk from `source` and returns the status that it was refused with, or 200.
    private func status(
        calling number: String, from source: String, trunk configure: (inout Trunk) -> Void = { _ in }, admission: Admission = .accepted,
        headers: [SIPHeaders.Field] = []
    ) async throws -> Int {
        let group = MultiThreadedEventLoopGroup.singleton
        let carrier = try await UserAgent.start(configuration: UserAgentConfiguration(bindHost: source, bindPort: 0), group: group)
        var trunk = Trunk(name: "carrier", server: SIPDestination(host: "127.0.0.1", port: 5060, transport: .udp), domain: "127.0.0.1")
        trunk.bindHost = "127.0.0.1"
        trunk.keepAlive = nil
        configure(&trunk)
        let agent = try await trunk.startAgent(productName: "test", logger: UserAgent.silence, group: group)
        let line = TrunkLine(
            trunk, agent: agent, worker: CallWorker(executable: "/nonexistent/faxlock-line", group: group),
            inbox: MemoryInbox(admission: admission), stationIdentifier: nil, logger: UserAgent.silence)
        let running = Task { await line.run() }
        let port = try #require(agent.localAddress.port)
        let call = try await carrier.invite(
            target: SIPURI(user: number, host: "127.0.0.1", port: port), destination: SIPDestination(host: "127.0.0.1", port: port),
            from: NameAddress(uri: SIPURI(user: "+15551230177", host: source)), callID: "call-\(port)", body: [], extraHeaders: headers)
        var status = 200
        for await event in call.events {
            if case .rejected(let code, _) = event { status = code }
        }
        await carrier.shutdown()
        await line.shutDown()
        await running.value
        return status
    }

    /// A call that was let in ends with 500 here: there is no worker.
    private static let letIn = 500

    @Test func `the trunk's own server may call`() async throws {
        #expect(try await status(calling: "+15551230100", from: "127.0.0.1") == Self.letIn)
    }

    @Test func `others may not, unless the file names them`() async throws {
        #expect(try await status(calling: "+15551230100", from: "127.0.0.9") == 403)
        #expect(
            try await status(calling: "+15551230100", from: "127.0.0.9") { $0.acceptFrom = [AddressRange("127.0.0.8/30")!] } == Self.letIn)
    }

    @Test(arguments: [(Admission.unknownNumber, 404), (.retiredNumber, 410), (.notReceiving, 480)])
    func `a number that leads nowhere is refused`(admission: Admission, status: Int) async throws {
        #expect(try await self.status(calling: "+15551230100", from: "127.0.0.1", admission: admission) == status)
    }

    @Test func `a request for no number is for the trunk's only one`() async throws {
        #expect(try await status(calling: "s", from: "127.0.0.1") == 404)
        #expect(try await status(calling: "s", from: "127.0.0.1") { $0.numbers = [PhoneNumber("+15551230100")!] } == Self.letIn)
    }
}
