import FoundationEssentials
import SIP
import Testing

/// Bytes that nobody sends: no trap, no hang, and the agent still makes a call afterwards. `FAXLOCK_FUZZ_ROUNDS` makes the
/// rounds of each test more than the few thousand of an ordinary run.
@Suite(.timeLimit(.minutes(10))) struct FuzzTests {
    private static let rounds = ProcessInfo.processInfo.environment["FAXLOCK_FUZZ_ROUNDS"].flatMap { Int($0) }
    private static let samples = SampleMessages.all + TortureVector.all.map(\.bytes)

    /// Everything that reads a message is asked, and what was accepted is written and read again.
    private func inspect(_ bytes: [UInt8]) throws -> Bool {
        let parser = SIPParser()
        guard let message = try? parser.parse(bytes) else {
            if let outline = parser.outline(bytes) { _ = SIPMessage.response(outline.response(400, toTag: "x")).bytes }
            return false
        }
        let again = try parser.parse(message.bytes)
        #expect(again.headers.callID == message.headers.callID)
        #expect(again.headers.cseq == message.headers.cseq)
        #expect(again.headers.from == message.headers.from)
        let headers = message.headers
        _ = (headers.contact, headers.reasons, headers.retryAfter, SessionExpires(headers))
        for name in ["Via", "Route", "Contact", "Diversion", "History-Info", "P-Asserted-Identity"] {
            for entry in headers.list(name) {
                guard let address = try? NameAddress(parsing: entry) else { continue }
                _ = (address.uri.telephoneNumber, address.uri.decodedUser, address.uri.parameter("lr"))
                #expect(try NameAddress(parsing: address.text).uri == address.uri)
            }
        }
        switch message {
        case .request(let request):
            _ = (TransactionID(of: request), DialogID(of: request), Dialog(callee: request, localTag: "l"))
            _ = try? SessionDescription(parsing: request.body)
        case .response(let response):
            _ = TransactionID(of: response)
        }
        return true
    }

    @Test(arguments: 0..<UInt64(4))
    func mutatedMessagesNeverTrapTheParser(seed: UInt64) throws {
        var random = SeededGenerator(seed: 100 + seed)
        var accepted = 0
        let rounds = Self.rounds ?? 1_000
        for round in 0..<rounds where try inspect(random.mutated(Self.samples[round % Self.samples.count])) { accepted += 1 }
        #expect(accepted > rounds / 10)
        #expect(accepted < rounds)
    }

    @Test(arguments: 0..<UInt64(4))
    func messagesByAGrammarNeverTrapTheParser(seed: UInt64) throws {
        var grammar = MessageGrammar(seed: 200 + seed)
        var accepted = 0
        let rounds = Self.rounds ?? 1_000
        for _ in 0..<rounds where try inspect(grammar.message()) { accepted += 1 }
        #expect(accepted > rounds / 20)
        #expect(accepted < rounds)
    }

    @Test(arguments: 0..<UInt64(2))
    func mutatedDescriptionsNeverTrapTheirParser(seed: UInt64) throws {
        var random = SeededGenerator(seed: 300 + seed)
        var accepted = 0
        let original = Array(SampleMessages.sdp.utf8)
        let last = try SessionDescription(parsing: original)
        let rounds = Self.rounds ?? 2_000
        for _ in 0..<rounds {
            guard let description = try? SessionDescription(parsing: random.mutated(original)) else { continue }
            accepted += 1
            #expect(try SessionDescription(parsing: description.bytes).media.map(\.port) == description.media.map(\.port))
            _ = (description.isUnchanged(since: last), description.answeringMedia { $0 })
        }
        #expect(accepted > rounds / 10)
    }

    /// Bytes that make a careless reader take time or memory out of proportion.
    @Test func theWorstShapesAreReadInNoTime() {
        let start = ContinuousClock.now
        let head =
            "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\n"
        let cseq = "CSeq: 1 OPTIONS\r\n\r\n"
        for (unit, count) in [
            (";", 8_000), (",", 8_000), ("\"", 8_000), ("\\", 8_000), ("<", 8_000), ("%00", 2_700), ("[", 8_000), (";a=b", 2_000),
            ("\t", 8_000), ("a,", 4_000), ("<>,", 2_700),
        ] {
            let value = String(repeating: unit, count: count)
            for name in ["X", "Contact", "Via", "Reason", "Diversion", "Session-Expires"] {
                _ = try? inspect(Array((head + "\(name): \(value)\r\n" + cseq).utf8))
            }
            _ = try? inspect(Array("OPTIONS sip:\(value)@b SIP/2.0\r\n\r\n".utf8))
        }
        for body in [
            String(repeating: "m=\r\n", count: 4_000), String(repeating: "a=\r\n", count: 4_000), String(repeating: "=", count: 16_000),
        ] {
            _ = try? SessionDescription(parsing: Array(("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n" + body).utf8))
        }
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    /// A call in every state is fed with mutations of its own messages; then the agent must still make and take one.
    @Test(arguments: 0..<UInt64(3))
    func theAgentOutlivesWhatItIsFed(seed: UInt64) async throws {
        let peer = try await BenchPeer()
        let agent = peer.agent
        let users = Task {
            await withDiscardingTaskGroup { group in
                for await incoming in agent.incomingCalls { group.addTask { await Self.serve(incoming) } }
            }
        }
        var random = SeededGenerator(seed: 400 + seed)
        var grammar = MessageGrammar(seed: 500 + seed)
        let methods: [SIPMethod] = [.invite, .ack, .bye, .cancel, .options, .update]
        for round in 0..<(Self.rounds ?? 1_500) {
            switch round % 4 {
            case 0: peer.wire.put(grammar.message())
            case 1: peer.wire.put(random.mutated(Self.samples.randomElement(using: &random) ?? []))
            default:
                let method = methods.randomElement(using: &random) ?? .invite
                let body = method == .ack || Bool.random(using: &random) ? "" : BenchPeer.offer
                let request = peer.request(method, [("Session-Expires", "90"), ("Supported", "timer")], body: body)
                let bytes = SIPMessage.request(request).bytes
                peer.wire.put(round % 4 == 2 ? bytes : random.mutated(bytes))
            }
            if round % 200 == 0 {
                _ = try await peer.exchange(.options)
                await peer.clock.advance(by: .seconds(7))
            }
        }
        await peer.clock.advance(by: .seconds(200))
        // Whatever was answered before, the agent calls and is answered.
        let call = try await peer.agent.invite(
            target: SIPURI(user: "+15551230102", host: "192.0.2.10"),
            destination: SIPDestination(host: "192.0.2.10", port: 5099),
            from: NameAddress(uri: SIPURI(user: "+15551230101", host: "192.0.2.20")), callID: "proof", body: [])
        let found = try await peer.wire.next { $0.isRequest(.invite) && $0.headers.callID == "proof" }
        guard case .request(let invite) = found else { throw Unexpected() }
        peer.respond(200, to: invite)
        #expect(try await EventReader(call).next() == "answered ")
        await peer.close()
        await users.value
    }

    private static func serve(_ incoming: IncomingCall) async {
        await incoming.ring()
        _ = try? await incoming.answer(body: Array(BenchPeer.answer.utf8))
        for await event in incoming.call.events {
            guard case .reinvite(let body, let responder) = event else { continue }
            if body.count % 3 == 0 { await responder.reject(status: 488) } else { await responder.answer(body: body) }
        }
    }
}
