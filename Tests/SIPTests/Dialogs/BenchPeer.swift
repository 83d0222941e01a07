import SIP
import Testing

/// An agent on a bench, and a far end for which the test speaks.
final class BenchPeer {
    static let offer = SampleMessages.sdp
    /// The answer of the agent's side.
    static let answer = SampleMessages.sdp.replacing("4711 1", with: "815 1").replacing("192.0.2.10", with: "192.0.2.20")

    let wire: BenchTransport
    let clock = ManualClock()
    let agent: UserAgent
    /// The far end's address with its tag, and the agent's.
    private(set) var peer = "<sip:+15551230102@192.0.2.10>;tag=peer"
    private(set) var own = "<sip:+15551230101@192.0.2.20>"
    private var branch = 0
    private let callID = "bench"
    /// CSeq of the far end's last request.
    private(set) var sequence: UInt32 = 0

    init(_ configure: (inout UserAgentConfiguration) -> Void = { _ in }) async throws {
        wire = try BenchTransport()
        var configuration = UserAgentConfiguration(bindHost: "192.0.2.20")
        configure(&configuration)
        agent = await UserAgent.start(
            configuration: configuration, transport: wire, clock: clock, random: SeededGenerator(seed: 11))
    }

    /// A request of the far end in the dialog, not yet sent.
    func request(
        _ method: SIPMethod, sequence number: UInt32? = nil, _ fields: [(String, String)] = [], body: String = ""
    ) -> SIPRequest {
        if number == nil, method != .ack, method != .cancel { sequence += 1 }
        branch += 1
        var request = SIPRequest(method: method, uri: SIPURI(user: "agent", host: "192.0.2.20"), body: Array(body.utf8))
        request.headers.add("Via", "SIP/2.0/UDP 192.0.2.10:5099;branch=z9hG4bKbench\(branch)")
        request.headers.add("From", peer)
        request.headers.add("To", own)
        request.headers.add("Call-ID", callID)
        request.headers.add("CSeq", "\(number ?? sequence) \(method.rawValue)")
        request.headers.add("Contact", "<sip:gw@192.0.2.10:5099>")
        if !body.isEmpty { request.headers.add("Content-Type", "application/sdp") }
        for (name, value) in fields { request.headers.add(name, value) }
        return request
    }

    func send(_ request: SIPRequest) { wire.put(SIPMessage.request(request).bytes) }

    /// Sends a request and returns its final answer.
    func exchange(
        _ method: SIPMethod, _ fields: [(String, String)] = [], body: String = ""
    ) async throws -> SIPResponse {
        send(request(method, fields, body: body))
        return try await wire.nextResponse()
    }

    func acknowledge(_ body: String = "") { send(request(.ack, sequence: sequence, body: body)) }

    /// Answers a request of the agent.
    func respond(
        _ status: Int, to request: SIPRequest, tag: String = "peer", _ fields: [(String, String)] = [], body: String = ""
    ) {
        var response = request.response(status, toTag: tag)
        response.headers.add("Contact", "<sip:\(tag)@192.0.2.10:5099>")
        for (name, value) in fields { response.headers.add(name, value) }
        response.body = Array(body.utf8)
        wire.put(SIPMessage.response(response).bytes)
    }

    func nextRequest(_ method: SIPMethod) async throws -> SIPRequest {
        guard case .request(let request) = try await wire.next({ $0.isRequest(method) }) else { throw Unexpected() }
        return request
    }

    /// The far end calls, the agent answers.
    func callIn(_ fields: [(String, String)] = [], answer: String = answer) async throws -> (EventReader, SIPResponse) {
        send(request(.invite, fields, body: Self.offer))
        var waiting = agent.incomingCalls.makeAsyncIterator()
        let incoming = try #require(await waiting.next())
        let call = EventReader(try await incoming.answer(body: Array(answer.utf8)))
        let response = try await wire.nextResponse()
        own = response.headers["To"] ?? ""
        acknowledge()
        #expect(try await call.next() == "acknowledged ")
        return (call, response)
    }

    /// The agent calls; its INVITE waits for an answer.
    func callOut() async throws -> (EventReader, SIPRequest) {
        let call = try await agent.invite(
            target: SIPURI(user: "+15551230102", host: "192.0.2.10"),
            destination: SIPDestination(host: "192.0.2.10", port: 5099),
            from: NameAddress(uri: SIPURI(user: "+15551230101", host: "192.0.2.20")), callID: callID,
            body: Array(Self.answer.utf8))
        let invite = try await nextRequest(.invite)
        own = invite.headers["From"] ?? ""
        peer = (invite.headers["To"] ?? "") + ";tag=peer"
        return (EventReader(call), invite)
    }

    /// The agent calls, the far end answers.
    func callOutAnswered(_ fields: [(String, String)] = []) async throws -> EventReader {
        let (call, invite) = try await callOut()
        respond(200, to: invite, fields, body: Self.offer)
        #expect(try await call.next() == "answered " + Self.offer)
        _ = try await nextRequest(.ack)
        return call
    }

    /// Ends the test: nothing may be left running.
    func close() async {
        await agent.shutdown(grace: .zero)
        #expect(clock.pendingCount == 0)
    }
}

extension EventReader {
    /// Starts an UPDATE whose outcome is looked at later.
    func update(_ body: String) -> Task<Result<String, ReinviteFailure>, Never> {
        let call = call
        return Task {
            do throws(ReinviteFailure) {
                return .success(String(decoding: try await call.update(body: Array(body.utf8)), as: UTF8.self))
            } catch {
                return .failure(error)
            }
        }
    }
}
