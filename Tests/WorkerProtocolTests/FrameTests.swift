import FaxModel
import Testing
import WorkerProtocol

@Suite struct FrameTests {
    private let frames = [
        Frame(kind: .message, payload: Array("{}".utf8)), Frame(kind: .page, payload: []),
        Frame(kind: .page, payload: (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }),
    ]

    @Test func onTheWire() {
        #expect(Frame(kind: .page, payload: [1, 2]).encoded == [0x50, 0, 0, 0, 2, 1, 2])
    }

    @Test(arguments: [1, 2, 3, 5, 4096, 1 << 20])
    func framesSurviveAnyCut(size: Int) throws {
        let stream = frames.flatMap(\.encoded)
        var decoder = FrameDecoder()
        var decoded: [Frame] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            decoder.append(stream[start..<min(start + size, stream.count)])
            while let frame = try decoder.next() { decoded.append(frame) }
        }
        #expect(decoded == frames)
        #expect(!decoder.hasPartialFrame)
    }

    @Test func deathInMidFrameShows() throws {
        var decoder = FrameDecoder()
        decoder.append(frames[0].encoded.dropLast())
        #expect(try decoder.next() == nil)
        #expect(decoder.hasPartialFrame)
    }

    @Test func unknownKindAndExcessiveLengthAreErrors() {
        var decoder = FrameDecoder()
        decoder.append([0x00, 0, 0, 0, 0])
        #expect(throws: FrameDecoder.Failure.unknownKind(0)) { try decoder.next() }
        var second = FrameDecoder()
        second.append([0x50, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: FrameDecoder.Failure.tooLong(0xFFFF_FFFF)) { try second.next() }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func mutatedStreamsNeverTrap(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var stream = [Frame](repeating: Frame(kind: .message, payload: [1, 2, 3, 4, 5]), count: 20).flatMap(\.encoded)
        for _ in 0..<8 {
            if let index = stream.indices.randomElement(using: &random) {
                stream[index] = UInt8.random(in: 0...255, using: &random)
            }
        }
        var decoder = FrameDecoder()
        var payload = 0
        while !stream.isEmpty {
            let count = min(stream.count, Int.random(in: 1...9, using: &random))
            decoder.append(stream.prefix(count))
            stream.removeFirst(count)
            while let frame = try? decoder.next() { payload += frame.payload.count }
        }
        #expect(payload <= 200)
    }
}
