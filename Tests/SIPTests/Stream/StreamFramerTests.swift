import SIP
import Testing

struct StreamFramerTests {
    private typealias Frame = SIPStreamFramer.Frame

    private static func frames(_ chunks: [[UInt8]]) throws(SIPStreamFramer.Failure) -> [SIPStreamFramer.Frame] {
        var framer = SIPStreamFramer()
        var frames: [SIPStreamFramer.Frame] = []
        for chunk in chunks {
            framer.append(chunk)
            while let frame = try framer.next() { frames.append(frame) }
        }
        return frames
    }

    private static func head(_ length: String) -> [UInt8] { Array("OPTIONS sip:a SIP/2.0\r\nX: y\r\n\(length)\r\n".utf8) }

    @Test func messagesAreCutWhateverTheChunks() throws {
        let samples = SampleMessages.all
        let stream = samples.flatMap { Array("\r\n".utf8) + $0 }
        let expected = samples.map(Frame.message)
        #expect(try Self.frames([stream]) == expected)
        #expect(try Self.frames(stream.map { [$0] }) == expected)
        for seed in 0..<UInt64(50) {
            var random = SeededGenerator(seed: seed)
            var chunks: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...400, using: &random)
                chunks.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(try Self.frames(chunks) == expected)
        }
    }

    @Test(arguments: [
        "Content-Length: 3\r\n", "l:3\r\n", "CONTENT-LENGTH  :\r\n 3\r\n", "l: 3\r\nContent-Length: 3\r\n", "Content-Length: 003\n",
    ])
    func lengthsAreReadAsTheParserReadsThem(field: String) throws {
        let message = Self.head(field) + Array("abc".utf8)
        #expect(try Self.frames([message + message]) == [.message(message), .message(message)])
    }

    @Test(arguments: [
        ("", SIPStreamFramer.Failure.badLength), ("Content-Length: -1\r\n", .badLength), ("Content-Length: \r\n", .badLength),
        ("Content-Length: 3\r\nl: 4\r\n", .badLength), ("Content-Length: 3, 3\r\n", .badLength), ("l: 0x3\r\n", .badLength),
        ("Content-Length: 262145\r\n", .bodyTooLarge), ("l: 99999999999999999999999999\r\n", .bodyTooLarge),
    ])
    func lengthsThatSayNothingEndTheStream(field: String, failure: SIPStreamFramer.Failure) {
        #expect(throws: failure) { try Self.frames([Self.head(field)]) }
        #expect(throws: failure) { try Self.frames(Self.head(field).map { [$0] }) }
    }

    @Test func anEndlessHeaderEndsTheStream() throws {
        let chunk = Array("X: 0123456789abcdef0123456789abcdef\r\n".utf8)
        var framer = SIPStreamFramer()
        var count = 0
        let failure = #expect(throws: SIPStreamFramer.Failure.self) {
            while count < 10_000 {
                framer.append(chunk)
                count += 1
                _ = try framer.next()
            }
        }
        #expect(failure == .headerTooLarge)
        #expect(count * chunk.count <= SIPStreamFramer.maximumHeader + chunk.count)
    }

    @Test func theLargestBodyIsTaken() throws {
        let message = Self.head("l: 262144\r\n") + Array(repeating: 0x61, count: 262_144)
        #expect(try Self.frames([message]) == [.message(message)])
        var framer = SIPStreamFramer()
        framer.append(message.dropLast())
        #expect(try framer.next() == nil)
        #expect(framer.isInMessage)
    }

    @Test func lineEndsBetweenMessagesArePings() throws {
        #expect(try Self.frames([Array("\r\n\r\n".utf8)]) == [.ping])
        #expect(try Self.frames(Array("\r\n\r\n\r\n\r\n".utf8).map { [$0] }) == [.ping, .ping])
        #expect(try Self.frames([Array("\r\n".utf8)]) == [])
        var framer = SIPStreamFramer()
        framer.expectPong()
        framer.append(Array("\r\n\r\n\r\n".utf8))
        #expect(try framer.next() == .pong)
        #expect(try framer.next() == .ping)
        #expect(try framer.next() == nil)
    }

    /// Mutated streams never trap, hold no more than the limits, and never lose a byte unseen.
    @Test(arguments: 0..<UInt64(4))
    func mutatedStreams(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            var stream: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let sample = SampleMessages.all[Int.random(in: 0..<SampleMessages.all.count, using: &random)]
                stream += Bool.random(using: &random) ? random.mutated(sample) : sample
            }
            let whole = Result { () throws(SIPStreamFramer.Failure) in try Self.frames([stream]) }
            let parts = Result { () throws(SIPStreamFramer.Failure) in try Self.frames(stream.map { [$0] }) }
            switch (whole, parts) {
            case (.success(let left), .success(let right)): #expect(left == right)
            case (.failure(let left), .failure(let right)): #expect(left == right)
            default: Issue.record("the chunks change what is read, seed \(seed)")
            }
        }
    }
}
