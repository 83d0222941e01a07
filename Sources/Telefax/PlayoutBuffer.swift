/// The far end's G.711 as a steady stream for a fax modem: a fixed delay, no stretching, no concealment but one.
///
/// Samples are laid down at the place that their RTP timestamp gives them, so packets of any length may come in any order. The caller's
/// own clock takes 20 ms at a time. **What has not come by then is replaced by what was played 20 ms before**: 20 ms is a whole number of
/// symbols and of carrier periods of V.17, V.29, V.27ter and V.21, so a fax modem stays in phase, where silence or invented sound throws
/// it out.
package struct PlayoutBuffer: Sendable {
    /// What became of the packets and of the time, for the record of a call.
    package struct Counters: Sendable, Equatable {
        /// Packets whose samples were laid down.
        package var received = 0
        /// Packets that came again.
        package var duplicates = 0
        /// Packets that came after their time had been played.
        package var late = 0
        /// Numbers that never came.
        package var lost = 0
        /// Packets of another payload type (comfort noise, telephone-event), of a stream not yet believed, or out of all reach.
        package var ignored = 0
        /// Frames of 20 ms in which something was repeated.
        package var repeatedFrames = 0
        /// Frames of 20 ms with silence in them, since too much was missing.
        package var silentFrames = 0
        /// New streams, by SSRC or by a jump in time.
        package var restarts = 0
        /// Frames that were left out or put in because two clocks differ.
        package var slips = 0

        package init() {}
    }

    /// Samples in what ``pull()`` gives: 20 ms.
    package static let frame = 160
    /// Samples that the buffer holds, and so the reach of a timestamp: a second.
    static let capacity = 8192

    package private(set) var counters = Counters()

    private let delay: Int
    /// Missing samples in a row after which there is silence.
    private let longestRepeat: Int
    private var stream: Stream?
    /// The last packet of another stream than the present one.
    private var candidate: Candidate?
    /// The 20 ms that were played last.
    private var last = [Int16](repeating: 0, count: frame)
    private var missingInARow = 0
    private var drift = ClockDrift()

    private struct Candidate {
        let source: UInt32
        let sequence: UInt16
    }

    /// - Parameters:
    ///   - delayMilliseconds: how late a packet may be, 20 to 200; 60 to 100 is usual.
    ///   - silenceAfterMilliseconds: how long the last 20 ms are repeated when nothing comes.
    package init(delayMilliseconds: Int = 80, silenceAfterMilliseconds: Int = 500) {
        delay = min(max(delayMilliseconds, 20), 200) * 8
        longestRepeat = min(max(silenceAfterMilliseconds, 0), 60_000) * 8
    }

    /// Whether audio has come.
    package var hasStarted: Bool { stream != nil }

    /// Frames until all that came is played; the buffer's delay at least.
    package var framesAhead: Int { (max(delay, stream?.ahead ?? 0) + Self.frame - 1) / Self.frame }

    /// Takes a packet as it came from the socket.
    /// - Returns: whether it is part of a G.711 stream; false for all that is passed over.
    @discardableResult
    package mutating func insert(_ packet: RTPPacket) -> Bool {
        guard let stream, stream.source == packet.source else { return insertForeign(packet) }
        candidate = nil
        guard self.stream?.sequences.register(packet.sequence, counters: &counters) == true else { return true }
        // Comfort noise and telephone-events are numbered with the rest; what was played last does for them too.
        guard let law = G711Law(payloadType: packet.payloadType), !packet.payload.isEmpty else {
            counters.ignored += 1
            return false
        }
        place(packet, law)
        return true
    }

    /// A first packet starts the stream; one from another source only if a second one follows, since packets of the old one may still be
    /// on their way.
    private mutating func insertForeign(_ packet: RTPPacket) -> Bool {
        guard let law = G711Law(payloadType: packet.payloadType), !packet.payload.isEmpty else {
            counters.ignored += 1
            return false
        }
        if stream != nil {
            let expected = candidate
            candidate = Candidate(source: packet.source, sequence: packet.sequence)
            guard let expected, expected.source == packet.source, packet.sequence &- expected.sequence < 16,
                packet.sequence != expected.sequence
            else {
                counters.ignored += 1
                return false
            }
            candidate = nil
            counters.restarts += 1
        }
        var stream = Stream(source: packet.source, firstTimestamp: packet.timestamp, delay: delay, isFirst: stream == nil)
        _ = stream.sequences.register(packet.sequence, counters: &counters)
        self.stream = stream
        drift = ClockDrift()
        place(packet, law)
        return true
    }

    private mutating func place(_ packet: RTPPacket, _ law: G711Law) {
        // Never nil here; taken out for the time, so that its samples are not copied.
        guard var stream = self.stream.take() else { return }
        let placing = stream.place(packet, law)
        switch placing {
        case .placed: counters.received += 1
        case .late: counters.late += 1
        case .outOfReach: counters.ignored += 1
        }
        // Its time and ours have nothing to do with each other any more, or it paused and did not count the time.
        if stream.isLost || placing == .late && packet.isMarked && stream.ahead <= 0 {
            stream.restart(at: packet.timestamp, delay: delay)
            _ = stream.place(packet, law)
            counters.restarts += 1
            drift = ClockDrift()
        }
        self.stream = stream
    }

    /// The next 20 ms, ``frame`` samples: to be called every 20 ms of the clock that also paces what is sent.
    package mutating func pull() -> [Int16] {
        guard var stream = self.stream.take() else { return [Int16](repeating: 0, count: Self.frame) }
        defer { self.stream = stream }
        if stream.ahead > 0 { drift.observe(ahead: stream.ahead, target: delay + Self.frame) }
        switch drift.slip(isQuiet: last.allSatisfy { abs(Int($0)) < Self.quiet }) {
        case .none: break
        case .leaveOut:
            counters.slips += 1
            stream.skipFrame()
        case .putIn:
            counters.slips += 1
            return last
        }
        stream.beginPull()
        var isRepeated = false
        var isSilent = false
        for index in 0..<Self.frame {
            switch stream.next() {
            case .sample(let sample):
                last[index] = sample
                missingInARow = 0
            case .beforeStart:
                last[index] = 0
            case .missing:
                missingInARow += 1
                if missingInARow <= longestRepeat {
                    isRepeated = true
                } else {
                    last[index] = 0
                    isSilent = true
                }
            }
        }
        if isRepeated { counters.repeatedFrames += 1 }
        if isSilent { counters.silentFrames += 1 }
        return last
    }

    /// Peaks below this are no signal: a fax modem hears nothing under -43 dBm0, which is 160.
    private static let quiet = 128
}
