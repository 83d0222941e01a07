import Access
import FaxModel
import Logging
import NIOCore
import NIOPosix
import SIP
import Synchronization
import Testing
import Workers

@testable import Backends

/// Who may bring which calls by a trunk.
@Suite(.timeLimit(.minutes(10))) struct TrunkLineTests {
    /// Calls a trunk from `source` and returns the status that it was refused with, or 200.
    private func status(
        calling number: String, from source: String, trunk configure: (inout Trunk) -> Void = { _ in }, admission: Admission = .accepted,
        known: Set<String>? = nil, headers: [SIPHeaders.Field] = []
    ) async throws -> (status: Int, asked: [String]) {
        let group = MultiThreadedEventLoopGroup.singleton
        let carrier = try await UserAgent.start(configuration: UserAgentConfiguration(bindHost: source, bindPort: 0), group: group)
        var trunk = Trunk(name: "carrier", server: SIPDestination(host: "127.0.0.1", port: 5060, transport: .udp), domain: "127.0.0.1")
        trunk.bindHost = "127.0.0.1"
        trunk.keepAlive = nil
        configure(&trunk)
        let inbox = MemoryInbox(admission: admission, known: known)
        let line = try await TrunkLine.start(
            trunk, worker: CallWorker(executable: "/nonexistent/faxlock-line", group: group), inbox: inbox, stationIdentifier: nil,
            productName: "test", logger: UserAgent.silence, group: group)
        let running = Task { await line.run() }
        let port = try #require(await line.localPort)
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
        return (status, inbox.admitted.withLock { $0 })
    }

    /// A call that was let in ends with 500 here: there is no worker.
    private static let letIn = 500

    @Test func `the trunk's own server may call`() async throws {
        #expect(try await status(calling: "+15551230100", from: "127.0.0.1").status == Self.letIn)
    }

    @Test func `others may not, unless the file names them`() async throws {
        #expect(try await status(calling: "+15551230100", from: "127.0.0.9").status == 403)
        #expect(
            try await status(calling: "+15551230100", from: "127.0.0.9", trunk: { $0.acceptFrom = [AddressRange("127.0.0.8/30")!] }).status
                == Self.letIn)
    }

    @Test(arguments: [(Admission.unknownNumber, 404), (.retiredNumber, 410), (.notReceiving, 480)])
    func `a number that leads nowhere is refused`(admission: Admission, status: Int) async throws {
        #expect(try await self.status(calling: "+15551230100", from: "127.0.0.1", admission: admission).status == status)
    }

    @Test func `a request for no number is for the trunk's only one`() async throws {
        #expect(try await status(calling: "s", from: "127.0.0.1").status == 404)
        #expect(
            try await status(calling: "s", from: "127.0.0.1", trunk: { $0.numbers = [PhoneNumber("+15551230100")!] }).status
                == Self.letIn)
    }

    /// The trunk's list of numbers, and what others wrote into the request, lead no fax away from the number that was asked for.
    @Test func `the number that the trunk asks for goes before those that others mention`() async throws {
        let diversion = [SIPHeaders.Field("Diversion", "<sip:+15551230100@127.0.0.1>;reason=unconditional")]
        let outcome = try await status(
            calling: "+15551230101", from: "127.0.0.1", trunk: { $0.numbers = [PhoneNumber("+15551230100")!] }, headers: diversion)
        #expect(outcome.asked == ["+15551230101"])
    }

    @Test func `a number that is nobody's is passed over for one that is somebody's`() async throws {
        let diversion = [SIPHeaders.Field("Diversion", "<sip:+15551230100@127.0.0.1>;reason=unconditional")]
        let outcome = try await status(calling: "123456", from: "127.0.0.1", known: ["+15551230100"], headers: diversion)
        #expect(outcome.asked == ["+15551230100"])
        let none = try await status(calling: "123456", from: "127.0.0.1", known: [], headers: diversion)
        #expect(none.asked == ["123456"])
    }
}
