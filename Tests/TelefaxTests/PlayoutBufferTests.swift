import Telefax
import Testing

@Suite struct PlayoutBufferTests {
    /// A stream of A-law whose samples tell their place: code `n` of it, repeating after a prime number of samples.
    private struct Source {
        var law = G711Law.a
        var ssrc: UInt32 = 0x1000
        var firstSequence: UInt16 = 65_530
        var firstTimestamp: UInt32 = 0xFFFF_FF00

        func codes(_ range: Range<Int>) -> [UInt8] { range.map { UInt8(($0 % 251) & 0xFF) } }

        func samples(_ range: Range<Int>) -> [Int16] { G711.decode(codes(range), law) }

        /// Packet `number` of `count` samples.
        func packet(_ number: Int, count: Int = 160) -> RTPPacket {
            RTPPacket(
                payloadType: law.payloadType, sequence: firstSequence &+ UInt16(truncatingIfNeeded: number),
                timestamp: firstTimestamp &+ UInt32(truncatingIfNeeded: number * count), source: ssrc,
                payload: codes(number * count..<(number + 1) * count))
        }
    }

    private let source = Source()
    private static let delay = 640
    private static let silence = [Int16](repeating: 0, count: 160)

    private func counters(_ set: (inout PlayoutBuffer.Counters) -> Void) -> PlayoutBuffer.Counters {
        var counters = PlayoutBuffer.Counters()
        set(&counters)
        return counters
    }

    /// Inserts packet `n` before pull `n` but for those that `isLost`, then pulls on until everything was played.
    private func play(
        _ buffer: inout PlayoutBuffer, packets: Range<Int>, extra: Int = 4, isLost: (Int) -> Bool = { _ in false }
    ) -> [Int16] {
        var played: [Int16] = []
        for number in packets {
            if !isLost(number) { buffer.insert(source.packet(number)) }
            played += buffer.pull()
        }
        for _ in 0..<extra { played += buffer.pull() }
        return played
    }

    @Test(arguments: [20, 60, 80, 100])
    func playsAfterTheDelayAndInOrder(milliseconds: Int) {
        var buffer = PlayoutBuffer(delayMilliseconds: milliseconds)
        #expect(!buffer.hasStarted)
        #expect(buffer.pull() == Self.silence)
        let played = play(&buffer, packets: 0..<1000, extra: milliseconds / 20)
        let delay = milliseconds * 8
        #expect(Array(played[..<delay]) == [Int16](repeating: 0, count: delay))
        #expect(Array(played[delay...]) == source.samples(0..<160_000))
        #expect(buffer.counters == counters { $0.received = 1000 })
    }

    @Test(arguments: [80, 240, 320, 100, 33])
    func packetsOfOtherLengths(count: Int) {
        var buffer = PlayoutBuffer()
        var played: [Int16] = []
        var sent = 0
        for pull in 0..<400 {
            while sent * count <= pull * 160 {
                buffer.insert(source.packet(sent, count: count))
                sent += 1
            }
            played += buffer.pull()
        }
        #expect(Array(played[Self.delay...]) == source.samples(0..<(played.count - Self.delay)))
        #expect(buffer.counters.repeatedFrames == 0)
        #expect(buffer.counters.slips == 0)
    }

    @Test func missingFramesRepeatTheOneBefore() {
        var buffer = PlayoutBuffer()
        let played = play(&buffer, packets: 0..<20) { $0 == 7 || $0 == 12 || $0 == 13 }
        var expected = source.samples(0..<3200)
        expected.replaceSubrange(7 * 160..<8 * 160, with: source.samples(6 * 160..<7 * 160))
        for frame in 12...13 { expected.replaceSubrange(frame * 160..<(frame + 1) * 160, with: source.samples(11 * 160..<12 * 160)) }
        #expect(Array(played[Self.delay...]) == expected)
        #expect(
            buffer.counters
                == counters {
                    $0.received = 17
                    $0.lost = 3
                    $0.repeatedFrames = 3
                })
    }

    @Test func partOfAFrameIsFilledInPhase() {
        var buffer = PlayoutBuffer()
        var played: [Int16] = []
        for number in stride(from: 0, to: 20, by: 2) {
            buffer.insert(source.packet(number, count: 240))
            played += buffer.pull()
            if number + 1 != 9 { buffer.insert(source.packet(number + 1, count: 240)) }
            played += buffer.pull() + buffer.pull()
        }
        let gap = Self.delay + 9 * 240
        #expect(Array(played[gap..<(gap + 160)]) == Array(played[(gap - 160)..<gap]))
        #expect(Array(played[(gap + 160)..<(gap + 240)]) == Array(played[gap..<(gap + 80)]))
        #expect(Array(played[(gap + 240)..<(gap + 400)]) == source.samples(10 * 240..<10 * 240 + 160))
    }

    @Test func longGapBecomesSilence() {
        var buffer = PlayoutBuffer(silenceAfterMilliseconds: 100)
        let played = play(&buffer, packets: 0..<30) { (10..<20).contains($0) }
        let frames = stride(from: Self.delay, to: played.count, by: 160).map { Array(played[$0..<($0 + 160)]) }
        for frame in 10..<15 { #expect(frames[frame] == source.samples(9 * 160..<10 * 160)) }
        for frame in 15..<20 { #expect(frames[frame] == Self.silence) }
        #expect(frames[20] == source.samples(20 * 160..<21 * 160))
        #expect(buffer.counters.repeatedFrames == 5)
        #expect(buffer.counters.silentFrames == 5)
        #expect(buffer.counters.lost == 10)
    }

    @Test func reorderedAndRepeatedPackets() {
        var buffer = PlayoutBuffer()
        var played: [Int16] = []
        for number in 0..<50 {
            // Every pair changes places and its second comes twice.
            let packet = source.packet(number ^ 1)
            buffer.insert(packet)
            if number % 2 == 0 { buffer.insert(packet) }
            played += buffer.pull()
        }
        for _ in 0..<4 { played += buffer.pull() }
        // The first came 20 ms early, so everything plays 20 ms earlier.
        let start = played.firstIndex { $0 != 0 } ?? 0
        #expect(Array(played[start..<(start + 7900)]) == source.samples(0..<7900))
        #expect(
            buffer.counters
                == counters {
                    $0.received = 50
                    $0.duplicates = 25
                    $0.repeatedFrames = buffer.counters.repeatedFrames
                })
    }

    @Test func latePacketsAreDropped() {
        var buffer = PlayoutBuffer(delayMilliseconds: 60)
        var played: [Int16] = []
        for number in 0..<30 {
            if number != 10 { buffer.insert(source.packet(number)) }
            // Five frames after its turn, two too late.
            if number == 15 { #expect(buffer.insert(source.packet(10)) == true) }
            played += buffer.pull()
        }
        #expect(Array(played[(480 + 1600)..<(480 + 1760)]) == source.samples(1440..<1600))
        #expect(
            buffer.counters
                == counters {
                    $0.received = 29
                    $0.late = 1
                    $0.repeatedFrames = 1
                })
    }

    @Test func otherPayloadTypesAreIgnored() {
        var buffer = PlayoutBuffer()
        var noise = source.packet(0)
        noise.payloadType = 13
        #expect(buffer.insert(noise) == false)
        #expect(!buffer.hasStarted)
        var played: [Int16] = []
        for number in 1..<20 {
            var packet = source.packet(number)
            if number == 9 { packet.payloadType = 13 }
            if number == 10 { packet.payloadType = 101 }
            #expect(buffer.insert(packet) == !(9...10).contains(number))
            played += buffer.pull()
        }
        #expect(buffer.counters.lost == 0)
        #expect(buffer.counters.ignored == 3)
        #expect(buffer.counters.repeatedFrames == 2)
    }

    @Test func newSourceStartsAnewWhenItGoesOn() {
        var buffer = PlayoutBuffer()
        _ = play(&buffer, packets: 0..<10, extra: 0)
        var other = Source(law: .mu)
        other.ssrc = 7
        other.firstSequence = 100
        other.firstTimestamp = 5
        #expect(buffer.insert(other.packet(0)) == false)
        #expect(buffer.insert(source.packet(10)) == true, "one stray packet changes nothing")
        #expect(buffer.insert(other.packet(1)) == false)
        #expect(buffer.insert(other.packet(2)) == true)
        #expect(buffer.counters.restarts == 1)
        var played: [Int16] = []
        for number in 3..<30 {
            buffer.insert(other.packet(number))
            played += buffer.pull()
        }
        // Bridged by repetition, not by silence, then the new stream in its own law.
        #expect(played[..<Self.delay].contains { $0 != 0 })
        #expect(Array(played[Self.delay...]) == other.samples(2 * 160..<2 * 160 + played.count - Self.delay))
    }

    @Test func jumpOfTheTimestampsIsFollowed() {
        var buffer = PlayoutBuffer()
        _ = play(&buffer, packets: 0..<10, extra: 0)
        var moved = source
        moved.firstTimestamp = 0x4000_0000
        var played: [Int16] = []
        for number in 10..<40 {
            buffer.insert(moved.packet(number))
            played += buffer.pull()
        }
        #expect(buffer.counters.restarts == 1)
        #expect(Array(played.suffix(1600)) == source.samples(40 * 160 - 1600 - Self.delay..<40 * 160 - Self.delay))
    }

    @Test func pathThatBecomesLongerIsFollowed() {
        var buffer = PlayoutBuffer()
        _ = play(&buffer, packets: 0..<20, extra: 15)
        var played: [Int16] = []
        for number in 20..<60 {
            buffer.insert(source.packet(number))
            played += buffer.pull()
        }
        #expect(buffer.counters.late == 11)
        #expect(buffer.counters.restarts == 1)
        #expect(Array(played.suffix(1600)) == source.samples(60 * 160 - 1600 - Self.delay..<60 * 160 - Self.delay))
    }

    @Test func burstAfterAStallDoesNotRestart() {
        var buffer = PlayoutBuffer()
        _ = play(&buffer, packets: 0..<20, extra: 20)
        for number in 20..<40 { buffer.insert(source.packet(number)) }
        let played = play(&buffer, packets: 40..<60)
        #expect(buffer.counters.restarts == 0)
        #expect(Array(played.suffix(1600)) == source.samples(60 * 160 - 1600..<60 * 160))
    }

    /// A far end whose clock is off by `percent` per cent, for minutes, with a silence a second.
    @Test(arguments: [0.5, -0.5])
    func clocksThatDifferSlipInSilence(percent: Double) {
        var buffer = PlayoutBuffer()
        let quiet = [UInt8](repeating: 0xD5, count: 160)
        var sent = 0
        var longest = 0
        var repeats = 0
        for pull in 0..<6000 {
            while Double(sent) < Double(pull + 1) * (1 + percent / 100) {
                var packet = source.packet(sent)
                if sent % 50 < 5 { packet.payload = quiet }
                buffer.insert(packet)
                sent += 1
            }
            _ = buffer.pull()
            let counters = buffer.counters
            longest = max(longest, counters.repeatedFrames - repeats)
            repeats = counters.repeatedFrames
        }
        // 6,000 pulls of 20 ms, half a per cent: 30 frames.
        #expect((25...31).contains(buffer.counters.slips))
        #expect(buffer.counters.late == 0)
        #expect(buffer.counters.repeatedFrames == 0)
        #expect(buffer.counters.restarts == 0)
        #expect(longest == 0)
    }

    @Test func jitterBelowTheDelayLeavesNoTrace() {
        var random = SeededRandom(seed: 3)
        var buffer = PlayoutBuffer()
        var played: [Int16] = []
        // A packet is up to 60 ms late; 0 is on time.
        var arrivals: [Int: [Int]] = [0: [0]]
        for number in 1..<3000 { arrivals[number + Int.random(in: 0...3, using: &random), default: []].append(number) }
        for pull in 0..<3000 {
            for number in arrivals[pull] ?? [] { buffer.insert(source.packet(number)) }
            played += buffer.pull()
        }
        #expect(buffer.counters.late == 0)
        #expect(buffer.counters.repeatedFrames <= 4, "those that are still on their way")
        #expect(buffer.counters.slips == 0)
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func hostilePacketsNeverTrapNorStopTheClock(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var buffer = PlayoutBuffer()
        for number in 0..<5000 {
            var packet = source.packet(number)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: packet.sequence = .random(in: .min ... .max, using: &random)
            case 1: packet.timestamp = .random(in: .min ... .max, using: &random)
            case 2: packet.source = .random(in: 0...3, using: &random)
            case 3: packet.payload = [UInt8](repeating: 1, count: .random(in: 0...2000, using: &random))
            case 4: packet.payloadType = .random(in: 0...127, using: &random)
            case 5: packet.timestamp &+= .random(in: 0...20_000, using: &random)
            default: break
            }
            buffer.insert(packet)
            #expect(buffer.pull().count == 160)
        }
    }
}
