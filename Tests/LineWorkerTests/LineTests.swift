import SRTP
import T30
import Telefax
import Testing
import WorkerProtocol

@testable import LineWorker

/// The lines of a call, without sockets and processes.
@Suite struct LineTests {
    private let peer = SocketAddress(address: "127.0.0.1", port: 4000)
    private let stranger = SocketAddress(address: "127.0.0.2", port: 4000)
    private let settings = T30Settings(isCaller: true, document: .receive(path: "/dev/null"))
    private let keys = AudioSession.Keys(local: [UInt8](repeating: 1, count: 30), remote: [UInt8](repeating: 2, count: 30))

    private func packet(_ sequence: UInt16 = 1) -> [UInt8] {
        RTPPacket(
            payloadType: 0, isMarked: false, sequence: sequence, timestamp: 160 * UInt32(sequence), source: 7,
            payload: [UInt8](repeating: 0xFF, count: 160)
        ).encoded
    }

    @Test func rtpIsTakenFromTheFarEndOnly() throws {
        let (peer, stranger) = try (#require(peer), #require(stranger))
        let line = try AudioLine(
            AudioSession(peerAddress: "127.0.0.1", peerPort: 4000, codec: .pcmu), address: peer, settings: settings)
        line.receive(packet(), from: stranger)
        #expect(line.stream == nil)
        line.receive([0x80], from: peer)
        line.receive([], from: peer)
        #expect(line.stream == nil)
        line.receive(packet(), from: peer)
        #expect(line.stream == 7)
    }

    @Test func symmetricRTPIsTakenFromAnyPortOfTheHostAndFromNoOther() throws {
        let (peer, stranger) = try (#require(peer), #require(stranger))
        let otherPort = try #require(SocketAddress(address: "127.0.0.1", port: 5000))
        let line = try AudioLine(
            AudioSession(peerAddress: "127.0.0.1", peerPort: 4000, codec: .pcmu, isSymmetric: true), address: peer,
            settings: settings)
        line.receive(packet(), from: stranger)
        #expect(line.stream == nil)
        #expect(line.settledPeer == nil)
        #expect(!line.isPeer(stranger))
        line.receive(packet(), from: otherPort)
        #expect(line.stream == 7)
        #expect(line.settledPeer == otherPort)
        line.receive(packet(2), from: peer)
        #expect(line.settledPeer == peer)
        line.receive(packet(3), from: stranger)
        #expect(line.settledPeer == peer)
    }

    @Test func onlyAuthenticatedPacketsTellWhereAProtectedFarEndIs() throws {
        let signalled = try #require(SocketAddress(address: "192.168.0.9", port: 4000))
        let (peer, stranger) = try (#require(peer), #require(stranger))
        let line = try AudioLine(
            AudioSession(peerAddress: "192.168.0.9", peerPort: 4000, codec: .pcmu, keys: keys, isSymmetric: true), address: signalled,
            settings: settings)
        line.receive(packet(), from: stranger)
        #expect(line.settledPeer == nil)
        var farEnd = try #require(SRTPSender(key: keys.remote))
        let result = farEnd.protect(packet(2))
        line.receive(try #require(result), from: peer)
        #expect(line.settledPeer == peer)
    }

    /// One datagram sent ahead of the far end's is not to get the fax.
    @Test func aStrangersUDPTLChangesNothing() throws {
        let farEnd = try MediaSocket(bindAddress: "127.0.0.1", ports: nil)
        let thief = try MediaSocket(bindAddress: "127.0.0.2", ports: nil)
        let own = try MediaSocket(bindAddress: "127.0.0.1", ports: nil)
        let farAddress = try #require(SocketAddress(address: "127.0.0.1", port: farEnd.port))
        let thiefAddress = try #require(SocketAddress(address: "127.0.0.2", port: thief.port))
        let line = try T38Line(
            T38Session(peerAddress: "127.0.0.1", peerPort: farEnd.port, isSymmetric: true), address: farAddress, settings: settings,
            isUnpaced: false, formerStream: nil, formerPeer: nil, failedTrainings: 0)
        line.receive([0, 0, 1, 0, 0, 0], from: thiefAddress)
        for _ in 0..<20 { line.tick() }
        line.transmit(on: own)
        var buffer = [UInt8](repeating: 0, count: 2048)
        guard case .nothing = thief.receive(into: &buffer) else {
            Issue.record("the thief has the fax")
            return
        }
        guard case .datagram = farEnd.receive(into: &buffer) else {
            Issue.record("the far end has nothing")
            return
        }
    }

    @Test(arguments: [
        ("10.1.2.3", true), ("172.16.0.1", true), ("172.31.255.1", true), ("172.32.0.1", false), ("192.168.1.1", true),
        ("192.167.1.1", false), ("100.64.0.1", true), ("100.127.0.1", true), ("100.128.0.1", false), ("169.254.1.1", true),
        ("127.0.0.1", false), ("127.9.8.7", false), ("203.0.113.5", false), ("fd00::1", true), ("fc00::1", true), ("fe80::1", true),
        ("2001:db8::1", false), ("::1", false), ("::ffff:10.0.0.1", true), ("::ffff:203.0.113.5", false),
    ])
    func whichAddressesAreSeenAsOthersFromOutside(address: String, isPrivate: Bool) throws {
        #expect(try #require(SocketAddress(address: address, port: 4000)).isPrivate == isPrivate)
    }

    @Test func aHostIsKnownWhateverThePort() throws {
        let peer = try #require(peer)
        #expect(try peer.isSameHost(as: #require(SocketAddress(address: "127.0.0.1", port: 1))))
        #expect(try !peer.isSameHost(as: #require(stranger)))
        #expect(try !peer.isSameHost(as: #require(SocketAddress(address: "::1", port: 4000))))
    }

    @Test func withKeysNothingInTheClearIsTaken() throws {
        let peer = try #require(peer)
        let line = try AudioLine(
            AudioSession(peerAddress: "127.0.0.1", peerPort: 4000, codec: .pcmu, keys: keys), address: peer, settings: settings)
        line.receive(packet(), from: peer)
        #expect(line.stream == nil)
        var farEnd = try #require(SRTPSender(key: keys.remote))
        let result = farEnd.protect(packet(2))
        let protected = try #require(result)
        var forged = protected
        forged[20] ^= 1
        line.receive(forged, from: peer)
        #expect(line.stream == nil)
        line.receive(protected, from: peer)
        #expect(line.stream == 7)
        // A later SDP without keys does not take the protection away.
        line.update(AudioSession(peerAddress: "127.0.0.1", peerPort: 4000, codec: .pcmu), address: peer)
        var changed = packet(3)
        changed[11] = 9
        line.receive(changed, from: peer)
        #expect(line.stream == 7)
    }

    @Test func wrongKeysAreAnError() throws {
        let peer = try #require(peer)
        #expect(throws: FaxTerminal.Failure.rejectedSetting) {
            try AudioLine(
                AudioSession(
                    peerAddress: "127.0.0.1", peerPort: 4000, codec: .pcmu, keys: AudioSession.Keys(local: [], remote: keys.remote)),
                address: peer, settings: settings)
        }
    }

    @Test func anythingMayComeOnEitherLine() throws {
        let peer = try #require(peer)
        var random = SeededRandom(seed: 5)
        let lines: [any MediaLine] = [
            try AudioLine(
                AudioSession(peerAddress: "127.0.0.1", peerPort: 4000, codec: .pcma), address: peer, settings: settings),
            try T38Line(
                T38Session(peerAddress: "127.0.0.1", peerPort: 4000), address: peer, settings: settings, isUnpaced: false,
                formerStream: 7, formerPeer: nil, failedTrainings: 0),
        ]
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            for line in lines { line.receive(bytes, from: peer) }
        }
        for line in lines {
            for _ in 0..<100 { line.tick() }
            #expect(line.terminal.confirmedPages == 0)
        }
    }

    // MARK: Keys

    /// RFC 3711 9.1: a key stream is used once.
    @Test func aNewKeyOfTheFarEndDoesNotBeginOursAnew() throws {
        var protection = try #require(AudioLine.Protection(keys))
        var farEnd = try #require(SRTPReceiver(key: keys.local))
        func passes(_ sequence: UInt16) -> Bool {
            guard let protected = protection.sender.protect(packet(sequence)) else { return false }
            return farEnd.unprotect(protected) != nil
        }
        // The numbers begin again, so the far end counts one roll-over.
        #expect([65_534, 65_535, 0].map(passes) == [true, true, true])
        let remote = [UInt8](repeating: 3, count: 30)
        protection.update(AudioSession.Keys(local: keys.local, remote: remote))
        #expect(passes(1))
        var sender = try #require(SRTPSender(key: remote))
        let protected = sender.protect(packet())
        let opened = protection.receiver.unprotect(try #require(protected))
        #expect(opened != nil)
        // Nor does a new key of ours make old packets new.
        let local = [UInt8](repeating: 4, count: 30)
        protection.update(AudioSession.Keys(local: local, remote: remote))
        let again = protection.receiver.unprotect(try #require(protected))
        #expect(again == nil)
        farEnd = try #require(SRTPReceiver(key: local))
        #expect(passes(2))
        protection.update(AudioSession.Keys(local: [], remote: []))
        #expect(protection.keys == AudioSession.Keys(local: local, remote: remote))
    }

    /// What the playout buffer has must be heard before a call is given up.
    @Test func whatCameIsHeardInTheTicksThatDrain() throws {
        let peer = try #require(peer)
        let line = try AudioLine(
            AudioSession(peerAddress: "127.0.0.1", peerPort: 4000, codec: .pcmu), address: peer, settings: settings)
        #expect(line.ticksToDrain == 0)
        // As fast as the socket gives them: more than T.30 has had time to hear.
        for number in 0..<45 { line.receive(AnswerTone.packet(number), from: peer) }
        #expect(line.terminal.takeEvents().isEmpty)
        #expect(line.ticksToDrain == 50)
        for _ in 0..<line.ticksToDrain { line.tick() }
        #expect(line.terminal.takeEvents().contains(.heard(.ced)))
    }

    // MARK: Time

    @Test func ticksComeOneByOneAndSayHowLate() {
        let start = MonotonicTime(nanoseconds: 1_000_000_000)
        var clock = TickClock(step: 20, start: start)
        #expect(clock.advance(to: start.adding(milliseconds: 19)) == nil)
        #expect(clock.advance(to: start.adding(milliseconds: 43)) == 23_000)
        #expect(clock.advance(to: start.adding(milliseconds: 43)) == 3_000)
        #expect(clock.advance(to: start.adding(milliseconds: 43)) == nil)
        #expect(clock.due == start.adding(milliseconds: 60))
    }

    @Test func aStoppedProcessDoesNotMakeUpForIt() {
        let start = MonotonicTime(nanoseconds: 0)
        var clock = TickClock(step: 20, start: start)
        var ticks = 0
        while clock.advance(to: start.adding(milliseconds: 60_000)) != nil { ticks += 1 }
        #expect((24...26).contains(ticks))
    }

    @Test func latenessIsCounted() {
        var histogram = LatenessHistogram()
        #expect(histogram.summary == nil)
        for _ in 0..<98 { histogram.note(microseconds: 90) }
        histogram.note(microseconds: 5_000)
        histogram.note(microseconds: 900_000)
        histogram.note(microseconds: -1)
        let summary = histogram.summary
        #expect(summary == TickLateness(ticks: 101, p50: 100, p99: 5_020, maximum: 900_000))
    }
}
