import SIP
import Testing

@Suite struct TransactionTests {
    private let timing = SIPTiming()
    private let invite: SIPRequest
    private let bye: SIPRequest

    init() throws {
        guard case .request(let parsed) = try SIPParser().parse(SampleMessages.invite) else { throw Unexpected() }
        invite = parsed
        var other = parsed
        other.method = .bye
        other.headers.set("CSeq", "2 BYE")
        bye = other
    }

    /// Fires the timers that actions set, in the order of time, until none is left; returns when each message was sent.
    private func run(
        _ first: [TransactionAction], fire: (SIPTimer) -> [TransactionAction]
    ) -> (sent: [Duration], log: [String]) {
        var now = Duration.zero
        var timers: [SIPTimer: Duration] = [:]
        var sent: [Duration] = []
        var log: [String] = []
        var pending = first
        while true {
            for action in pending {
                switch action {
                case .send: sent.append(now)
                case .set(let timer, let delay): timers[timer] = now + delay
                case .cancel(let timer): timers[timer] = nil
                case .deliver: log.append("deliver \(now)")
                case .timedOut: log.append("timedOut \(now)")
                case .terminated:
                    log.append("terminated \(now)")
                    return (sent, log)
                }
            }
            guard let next = timers.min(by: { $0.value < $1.value }) else { return (sent, log) }
            timers[next.key] = nil
            now = next.value
            pending = fire(next.key)
        }
    }

    @Test func anInviteIsRepeatedWithDoubledIntervalsAndGivenUpAfter32Seconds() {
        var transaction = ClientInviteTransaction(request: invite, timing: timing, isReliable: false)
        let (sent, log) = run(transaction.start()) { transaction.fire($0) }
        #expect(sent == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5].map { .seconds($0) })
        #expect(log == ["timedOut \(Duration.seconds(32))", "terminated \(Duration.seconds(32))"])
    }

    @Test func aProvisionalResponseStopsTheRepetition() {
        var transaction = ClientInviteTransaction(request: invite, timing: timing, isReliable: false)
        let ringing = invite.response(180)
        #expect(transaction.receive(ringing) == [.cancel(.a), .cancel(.b), .deliver(.response(ringing))])
        #expect(transaction.fire(.a).isEmpty)
        #expect(transaction.fire(.b).isEmpty)
        #expect(transaction.state == .proceeding)
    }

    @Test func aFailureIsAcknowledgedEachTimeItComes() throws {
        var transaction = ClientInviteTransaction(request: invite, timing: timing, isReliable: false)
        let busy = invite.response(486, toTag: "t9")
        let actions = transaction.receive(busy)
        guard case .send(.request(let ack)) = actions[2] else { throw Unexpected() }
        #expect(ack.method == .ack)
        #expect(ack.headers.topVia?.branch == invite.headers.topVia?.branch)
        #expect(ack.headers.to?.tag == "t9")
        #expect(ack.headers.cseq == CSeq(number: 1, method: .ack))
        #expect(ack.uri == invite.uri)
        #expect(actions[3...] == [.deliver(.response(busy)), .set(.d, .seconds(32))])
        #expect(transaction.receive(busy) == [.send(.request(ack))])
        #expect(transaction.receive(invite.response(200)).isEmpty)
        #expect(transaction.fire(.d) == [.terminated])
    }

    @Test func eachSuccessReachesTheUser() {
        var transaction = ClientInviteTransaction(request: invite, timing: timing, isReliable: false)
        let success = invite.response(200, toTag: "t1")
        #expect(transaction.receive(success).contains(.set(.m, .seconds(32))))
        #expect(transaction.receive(success) == [.deliver(.response(success))])
        #expect(transaction.receive(invite.response(486)).isEmpty)
        #expect(transaction.fire(.m) == [.terminated])
    }

    @Test func anotherRequestIsRepeatedUpToT2() {
        var transaction = ClientTransaction(request: bye, timing: timing, isReliable: false)
        let (sent, log) = run(transaction.start()) { transaction.fire($0) }
        #expect(sent == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5].map { .seconds($0) })
        #expect(log.first == "timedOut \(Duration.seconds(32))")
    }

    @Test func aFinalResponseIsDeliveredOnce() {
        var transaction = ClientTransaction(request: bye, timing: timing, isReliable: false)
        let done = bye.response(200)
        let actions = transaction.receive(done)
        #expect(actions == [.cancel(.e), .cancel(.f), .deliver(.response(done)), .set(.k, .seconds(5))])
        #expect(transaction.receive(done).isEmpty)
        #expect(transaction.fire(.k) == [.terminated])
    }

    @Test func aRejectionIsRepeatedUntilAcknowledged() {
        var transaction = ServerInviteTransaction(timing: timing, isReliable: false)
        #expect(transaction.receiveRetransmission().isEmpty)
        let trying = invite.response(100)
        #expect(transaction.respond(trying) == [.send(.response(trying))])
        #expect(transaction.receiveRetransmission() == [.send(.response(trying))])
        let busy = invite.response(486, toTag: "t")
        let (sent, log) = run(transaction.respond(busy)) { transaction.fire($0) }
        #expect(sent == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5].map { .seconds($0) })
        #expect(log.first == "timedOut \(Duration.seconds(32))")

        var second = ServerInviteTransaction(timing: timing, isReliable: false)
        _ = second.respond(busy)
        #expect(second.receiveRetransmission() == [.send(.response(busy))])
        #expect(second.receiveACK() == [.cancel(.g), .cancel(.h), .set(.i, .seconds(5))])
        #expect(second.fire(.g).isEmpty)
        #expect(second.receiveRetransmission().isEmpty)
        #expect(second.fire(.i) == [.terminated])
    }

    @Test func afterASuccessTheTransactionAbsorbsTheInvite() {
        var transaction = ServerInviteTransaction(timing: timing, isReliable: false)
        let success = invite.response(200, toTag: "t")
        #expect(transaction.respond(success) == [.send(.response(success)), .set(.l, .seconds(32))])
        #expect(transaction.receiveRetransmission().isEmpty)
        #expect(transaction.respond(invite.response(486)).isEmpty)
        #expect(transaction.fire(.l) == [.terminated])
    }

    @Test func anAnswerToAnotherRequestIsRepeatedOnDemand() {
        var transaction = ServerTransaction(timing: timing, isReliable: false)
        #expect(transaction.receiveRetransmission().isEmpty)
        let done = bye.response(200)
        #expect(transaction.respond(done) == [.send(.response(done)), .set(.j, .seconds(32))])
        #expect(transaction.receiveRetransmission() == [.send(.response(done))])
        #expect(transaction.fire(.j) == [.terminated])
    }

    @Test func reliableTransportsNeedNoRepetition() {
        var client = ClientInviteTransaction(request: invite, timing: timing, isReliable: true)
        #expect(client.start() == [.send(.request(invite)), .set(.b, .seconds(32))])
        #expect(client.receive(invite.response(486)).last == .terminated)
        var other = ClientTransaction(request: bye, timing: timing, isReliable: true)
        #expect(other.receive(bye.response(200)).last == .terminated)
        var server = ServerInviteTransaction(timing: timing, isReliable: true)
        #expect(server.respond(invite.response(486)).last == .set(.h, .seconds(32)))
        #expect(server.receiveACK().last == .terminated)
    }

    @Test func aSuccessIsRepeatedUntilGivenUp() {
        let response = invite.response(200, toTag: "t")
        var machine = SuccessRetransmission(response: response, timing: timing)
        #expect(machine.start() == [.set(.retransmit, .milliseconds(500)), .set(.giveUp, .seconds(32))])
        for seconds in [1, 2, 4, 4] {
            #expect(machine.fire(.retransmit) == [.send(response), .set(.retransmit, .seconds(seconds))])
        }
        #expect(machine.fire(.giveUp) == [.notAcknowledged])
    }
}
