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

    @Test func symmetricRTPKeepsToTheFirstSender() throws {
        let (peer, stranger) = try (#require(peer), #require(stranger))
        let line = try AudioLine(
            AudioSession(peerAddress: "127.0.0.1", peerPort: 4000, codec: .pcmu, isSymmetric: true), address: peer,
            settings: settings)
        line.receive(packet(), from: stranger)
        #expect(line.stream == 7)
        var other = packet(2)
        other[11] = 9
        line.receive(other, from: peer)
        #expect(line.stream == 7)
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
                formerStream: 7),
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
