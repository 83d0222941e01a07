import Testing
import Vault

/// C2SP chunked-encryption, Cobblestone-256.
@Suite struct CobblestoneTests {
    /// Made with another implementation (PyPI `cryptography`) and the same salt.
    private static let vector =
        "6465666768696a6b6c6d6e6f707172737475767778797a7bffc2d7404fc2546f6ff186552c47f47a6660d048efd18fe0b51c47d07746"
        + "ca785ae34d36c75b56f787d6b46efea637e58a1c2b8a62c214f1bb"

    private func seal(_ plaintext: [UInt8], context: String = "ctx", pieces: Int = .max) throws -> [UInt8] {
        var sealer = ChunkSealer(key: try Samples.key(), context: context, salt: Array(100..<124))
        var out: [UInt8] = []
        var rest = plaintext[...]
        while !rest.isEmpty {
            out += try sealer.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        return out + (try sealer.finish())
    }

    private func open(_ sealed: [UInt8], context: String = "ctx", pieces: Int = .max) throws -> [UInt8] {
        var opener = ChunkOpener(key: try Samples.key(), context: context)
        var out: [UInt8] = []
        var rest = sealed[...]
        while !rest.isEmpty {
            out += try opener.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        return out + (try opener.finish())
    }

    @Test func vectorSealsAndOpens() throws {
        #expect(Samples.hex(try seal(Array("hello fax".utf8))) == Self.vector)
        #expect(try open(Samples.bytes(hex: Self.vector)) == Array("hello fax".utf8))
    }

    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 32_768, 32_769, 49_152, 100_000])
    func everyLengthComesBack(count: Int) throws {
        let plaintext = Samples.bytes(count)
        let sealed = try seal(plaintext)
        #expect(sealed.count == Cobblestone.sealedLength(of: count))
        #expect(try Cobblestone.plaintextLength(ofSealed: sealed.count) == count)
        for pieces in [7_001, 16_384, 16_400, 65_536] {
            #expect(try seal(plaintext, pieces: pieces) == sealed)
            #expect(try open(sealed, pieces: pieces) == plaintext)
        }
    }

    @Test func singleBytesComeBack() throws {
        let plaintext = Samples.bytes(20_000)
        #expect(try open(try seal(plaintext, pieces: 1), pieces: 1) == plaintext)
    }

    @Test func saltIsRandomWhenNotGiven() throws {
        var one = ChunkSealer(key: try Samples.key(), context: "ctx")
        var other = ChunkSealer(key: try Samples.key(), context: "ctx")
        #expect(try one.finish().prefix(24) != other.finish().prefix(24))
    }

    @Test func wrongKeyOrContextIsRefusedBeforeAnyPlaintext() throws {
        let sealed = try seal(Samples.bytes(40_000))
        #expect(throws: CobblestoneError.wrongKeyOrContext) { try open(sealed, context: "ctX") }
        var opener = ChunkOpener(key: try Samples.key(1), context: "ctx")
        #expect(throws: CobblestoneError.wrongKeyOrContext) { try opener.append(sealed) }
    }

    @Test func truncationIsFoundEverywhere() throws {
        let sealed = try seal(Samples.bytes(3 * 16_384))
        let borders = [0, 24, 56] + (1...3).map { 56 + $0 * 16_400 }
        for border in borders {
            #expect(throws: CobblestoneError.truncated) { try open(Array(sealed[..<border])) }
            #expect(throws: CobblestoneError.truncated) { try Cobblestone.plaintextLength(ofSealed: border) }
            for offset in [-1, 1, 15] where border + offset > 0 && border + offset < sealed.count {
                #expect(throws: CobblestoneError.self) { try open(Array(sealed[..<(border + offset)])) }
            }
        }
        // Within a chunk, and with as many bytes as a last chunk could have.
        #expect(throws: CobblestoneError.corrupt(chunk: 1)) { try open(Array(sealed[..<(56 + 16_400 + 5_000)])) }
    }

    @Test func reorderedRepeatedAndForeignChunksAreFound() throws {
        let sealed = try seal(Samples.bytes(50_000))
        let chunks = [sealed[56..<16_456], sealed[16_456..<32_856], sealed[32_856..<49_256], sealed[49_256...]]
        func joined(_ order: [Int]) -> [UInt8] { Array(sealed[..<56]) + order.flatMap { chunks[$0] } }
        #expect(throws: CobblestoneError.corrupt(chunk: 0)) { try open(joined([1, 0, 2, 3])) }
        #expect(throws: CobblestoneError.corrupt(chunk: 1)) { try open(joined([0, 0, 1, 2, 3])) }
        #expect(throws: CobblestoneError.corrupt(chunk: 2)) { try open(joined([0, 1, 3])) }
        let other = try seal(Samples.bytes(50_000, seed: 2), context: "other")
        #expect(throws: CobblestoneError.corrupt(chunk: 1)) {
            try open(Array(sealed[..<16_456]) + other[16_456...])
        }
    }

    @Test func extensionIsFound() throws {
        let whole = try seal(Samples.bytes(16_384))
        #expect(throws: CobblestoneError.corrupt(chunk: 1)) { try open(whole + [0]) }
        #expect(throws: CobblestoneError.corrupt(chunk: 1)) { try open(whole + Samples.bytes(16_400)) }
        let short = try seal(Samples.bytes(100))
        #expect(throws: CobblestoneError.corrupt(chunk: 0)) { try open(short + short[56...]) }
    }

    @Test func everyFlippedBitIsFound() throws {
        let sealed = try seal(Samples.bytes(300))
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1 << UInt8(index % 8)
            #expect(throws: CobblestoneError.self) { try open(changed) }
        }
    }

    @Test func openerStaysFailed() throws {
        var sealed = try seal(Samples.bytes(40_000))
        sealed[100] ^= 1
        var opener = ChunkOpener(key: try Samples.key(), context: "ctx")
        #expect(throws: CobblestoneError.corrupt(chunk: 0)) { try opener.append(sealed) }
        #expect(throws: CobblestoneError.corrupt(chunk: 0)) { try opener.append([]) }
        #expect(throws: CobblestoneError.corrupt(chunk: 0)) { try opener.finish() }
    }

    @Test func nothingAfterTheEnd() throws {
        var sealer = ChunkSealer(key: try Samples.key(), context: "ctx")
        let sealed = try sealer.finish()
        #expect(throws: CobblestoneError.finished) { try sealer.append([1]) }
        #expect(throws: CobblestoneError.finished) { try sealer.finish() }
        var opener = ChunkOpener(key: try Samples.key(), context: "ctx")
        _ = try opener.append(sealed)
        #expect(try opener.finish().isEmpty)
        #expect(throws: CobblestoneError.finished) { try opener.append([1]) }
        #expect(throws: CobblestoneError.finished) { try opener.finish() }
    }

    @Test func chunksOpenInAnyOrder() throws {
        let plaintext = Samples.bytes(50_000)
        let sealed = try seal(plaintext)
        let access = try ChunkAccess(
            key: try Samples.key(), context: "ctx", prefix: Array(sealed[..<56]), sealedLength: sealed.count)
        #expect(access.count == 50_000)
        #expect(access.chunks == 4)
        for chunk in [3, 0, 2, 1] {
            let bytes = Array(sealed[access.sealedRange(ofChunk: chunk)])
            let start = chunk * 16_384
            #expect(try access.open(chunk: chunk, bytes) == Array(plaintext[start..<min(start + 16_384, 50_000)]))
            #expect(throws: CobblestoneError.self) { try access.open(chunk: (chunk + 1) % 4, bytes) }
        }
        #expect(throws: CobblestoneError.noSuchChunk(4)) { try access.open(chunk: 4, []) }
        #expect(throws: CobblestoneError.noSuchChunk(0)) { try access.open(chunk: -1, []) }
        #expect(access.sealedRange(ofChunk: .max).isEmpty)
    }

    @Test func accessRefusesImpossibleStreams() throws {
        let sealed = try seal(Samples.bytes(100))
        let prefix = Array(sealed[..<56])
        for length in [.min, -1, 0, 56, 71, 56 + 16_400, 56 + 16_400 + 15] {
            #expect(throws: CobblestoneError.truncated) {
                try ChunkAccess(key: try Samples.key(), context: "ctx", prefix: prefix, sealedLength: length)
            }
        }
        #expect(throws: CobblestoneError.truncated) {
            try ChunkAccess(key: try Samples.key(), context: "ctx", prefix: [], sealedLength: sealed.count)
        }
        #expect(throws: CobblestoneError.wrongKeyOrContext) {
            try ChunkAccess(key: try Samples.key(), context: "", prefix: prefix, sealedLength: sealed.count)
        }
    }
}
