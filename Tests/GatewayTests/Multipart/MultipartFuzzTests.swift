import Gateway
import Testing

/// Damaged bodies, from seeds: nothing traps, and the cuts of the input change nothing.
@Suite struct MultipartFuzzTests {
    private static let seeds: [[UInt8]] = [
        multipartBody([
            (["Content-Disposition: form-data; name=\"to\""], Array("+15551230101".utf8)),
            (
                ["Content-Disposition: form-data; name=\"file\"; filename=\"a\\\"b.txt\"", "Content-Type: text/plain"],
                Array("one\r\n--X\r\ntwo\r\n".utf8)
            ),
        ]),
        multipartBody([
            (["Content-Disposition: form-data;\r\n name=f; filename*=UTF-8''%e2%82%ac.pdf", "X: y"], []),
            (["content-disposition:form-data; name=\"\"", "Content-Transfer-Encoding: binary"], [13, 10, 45, 45, 88]),
        ]),
    ]
    /// Pieces that matter to the grammar.
    private static let tokens = ["\r\n", "--XX", "--XX--", "\r", "\n", "\"", "\\", ";", "=", "'", "%", ":", "\0", " "]

    @Test(arguments: 0..<200)
    func mutatedBodiesParseTheSameInPieces(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let boundary = try MultipartBoundary("XX".utf8)
        let limits = MultipartParser.Limits(maximumParts: 4, maximumHeaderBytes: 200)
        for _ in 0..<20 {
            var body = Self.seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) { Self.mutate(&body, using: &random) }
            let whole = Parsed([body[...]], boundary: boundary, limits: limits)
            #expect((whole.error == nil) == whole.isFinished)
            #expect(whole.parts.count <= 4)
            #expect(whole.parts.reduce(0) { $0 + $1.bytes.count } <= body.count)

            var pieces: [ArraySlice<UInt8>] = []
            var rest = body[...]
            while !rest.isEmpty {
                let count = Int.random(in: 0...min(rest.count, 20), using: &random)
                pieces.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(Parsed(pieces, boundary: boundary, limits: limits) == whole, "seed \(seed): \(body)")
        }
    }

    /// Part bytes that were made at random come out as they went in.
    @Test(arguments: 0..<50)
    func randomPartsSurvive(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) << 32)
        let alphabet = Array("\r\n-XY".utf8)
        var parts: [[UInt8]] = []
        for _ in 0..<8 {
            let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            // Only what is no delimiter may be in a part (RFC 2046 5.1.1), at its beginning too.
            let delimiter = Array("\r\n--XX".utf8)
            let framed = [13, 10] + bytes + [13, 10]
            let holdsDelimiter = framed.indices.contains { framed[$0...].starts(with: delimiter) }
            if !holdsDelimiter { parts.append(bytes) }
        }
        let header = ["Content-Disposition: form-data; name=f"]
        let parsed = try Parsed(multipartBody(parts.map { (header, $0) }))
        #expect(parsed.error == nil)
        #expect(parsed.parts.map(\.bytes) == parts)
    }

    private static func mutate(_ body: inout [UInt8], using random: inout SeededGenerator) {
        guard !body.isEmpty else { return }
        let index = Int.random(in: 0..<body.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: body[index] = UInt8.random(in: 0...255, using: &random)
        case 1: body.remove(at: index)
        case 2: body.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: index)
        case 3: body.removeSubrange(index..<min(index + Int.random(in: 1...40, using: &random), body.count))
        default:
            let end = min(index + Int.random(in: 1...60, using: &random), body.count)
            body.insert(contentsOf: Array(body[index..<end]), at: Int.random(in: 0...body.count, using: &random))
        }
    }
}
