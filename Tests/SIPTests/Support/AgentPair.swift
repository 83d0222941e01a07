import NIOCore
import NIOPosix
import SIP
import Testing

/// Two agents on loopback UDP with a common clock that stands still.
struct AgentPair {
    let clock = ManualClock()
    let caller: UserAgent
    let callee: UserAgent
    let callerWire: LossyTransport
    let calleeWire: LossyTransport

    init() async throws {
        (caller, callerWire) = try await Self.agent(seed: 1, clock: clock)
        (callee, calleeWire) = try await Self.agent(seed: 2, clock: clock)
    }

    static func agent(seed: UInt64, clock: ManualClock) async throws -> (UserAgent, LossyTransport) {
        let group = MultiThreadedEventLoopGroup.singleton
        let wire = LossyTransport(try await UDPTransport(host: "127.0.0.1", port: 0, group: group))
        let configuration = UserAgentConfiguration(bindHost: "127.0.0.1", bindPort: 0, productName: "test")
        let agent = await UserAgent.start(
            configuration: configuration, transport: wire, clock: clock, random: SeededGenerator(seed: seed))
        return (agent, wire)
    }

    func invite(callID: String = "call-1", body: String = "offer") async throws -> Call {
        try await caller.invite(
            target: SIPURI(user: "+15551230101", host: "127.0.0.1"),
            destination: SIPDestination(host: "127.0.0.1", port: callee.localAddress.port),
            from: NameAddress(uri: SIPURI(user: "+15551230102", host: "127.0.0.1")), callID: callID,
            body: Array(body.utf8))
    }

    func nextIncoming() async throws -> IncomingCall {
        for await call in callee.incomingCalls { return call }
        throw Unexpected()
    }

    /// A call answered and acknowledged.
    func establish() async throws -> (caller: EventReader, callee: EventReader) {
        let out = EventReader(try await invite())
        let incoming = try await nextIncoming()
        let answered = EventReader(try await incoming.answer(body: Array("answer".utf8)))
        #expect(try await out.next() == "answered answer")
        #expect(try await answered.next() == "acknowledged ")
        return (out, answered)
    }

    func shutdown() async {
        await caller.shutdown(grace: .zero)
        await callee.shutdown(grace: .zero)
    }
}

struct Unexpected: Error {}

/// Reads the events of one call as words that a test can compare.
final class EventReader {
    let call: Call
    private var iterator: AsyncStream<CallEvent>.Iterator
    /// The responder of the last `reinvite`.
    private(set) var responder: ReinviteResponder?

    init(_ call: Call) {
        self.call = call
        iterator = call.events.makeAsyncIterator()
    }

    /// Starts a re-INVITE whose outcome is looked at later.
    func reinvite(_ body: String) -> Task<Result<String, ReinviteFailure>, Never> {
        let call = call
        return Task {
            do throws(ReinviteFailure) {
                return .success(String(decoding: try await call.reinvite(body: Array(body.utf8)), as: UTF8.self))
            } catch {
                return .failure(error)
            }
        }
    }

    func next() async throws -> String {
        guard let event = await iterator.next(isolation: #isolation) else { return "end of events" }
        switch event {
        case .provisional(let status): return "provisional \(status)"
        case .answered(let body): return "answered " + String(decoding: body, as: UTF8.self)
        case .rejected(let status, _): return "rejected \(status)"
        case .reinvite(let body, let responder):
            self.responder = responder
            return "reinvite " + String(decoding: body, as: UTF8.self)
        case .acknowledged(let body): return "acknowledged " + String(decoding: body, as: UTF8.self)
        case .ended(let end): return "ended \(end)"
        }
    }
}
