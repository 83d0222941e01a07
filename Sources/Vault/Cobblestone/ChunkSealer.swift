/// Seals a plaintext that comes in pieces of any size, chunk by chunk. One sealer seals one stream.
///
/// It holds back less than 16 KiB of plaintext. The first output begins with salt and commitment.
package struct ChunkSealer: Sendable {
    private let key: MessageKey
    private var partial: [UInt8] = []
    private var chunk: UInt64 = 0
    private var hasPrefix = false
    private var isFinished = false

    /// - Parameters:
    ///   - key: the document's data key.
    ///   - context: what the stream is; the opener must give the same.
    ///   - salt: 24 bytes that never come again with this key. Random when nil; only test vectors give one.
    package init(key: DataKey, context: String, salt: [UInt8]? = nil) {
        let salt = salt ?? .random(count: Cobblestone.saltLength)
        precondition(salt.count == Cobblestone.saltLength, "a salt has 24 bytes")
        self.key = MessageKey(key: key, context: context, salt: salt)
    }

    /// Takes plaintext and appends what can be sealed now to `out`.
    ///
    /// - Throws: ``CobblestoneError/finished`` after ``finish(into:)``, ``CobblestoneError/tooLong`` past 4 PiB.
    package mutating func append(
        _ plaintext: UnsafeRawBufferPointer, into out: inout [UInt8]
    ) throws(CobblestoneError) {
        guard !isFinished else { throw .finished }
        writePrefix(into: &out)
        var rest = plaintext
        if !partial.isEmpty {
            let taken = min(Cobblestone.chunkLength - partial.count, rest.count)
            partial.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<taken]))
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            guard partial.count == Cobblestone.chunkLength else { return }
            try sealPartial(into: &out)
        }
        while rest.count >= Cobblestone.chunkLength {
            try key.seal(
                chunk: chunk, UnsafeRawBufferPointer(rebasing: rest[..<Cobblestone.chunkLength]), into: &out)
            chunk += 1
            rest = UnsafeRawBufferPointer(rebasing: rest[Cobblestone.chunkLength...])
        }
        partial.append(contentsOf: rest)
    }

    /// Takes plaintext and gives what can be sealed now; often nothing.
    package mutating func append(_ plaintext: some Collection<UInt8>) throws(CobblestoneError) -> [UInt8] {
        var out: [UInt8] = []
        try append(Array(plaintext), into: &out)
        return out
    }

    /// Takes plaintext and appends what can be sealed now to `out`.
    package mutating func append(_ plaintext: [UInt8], into out: inout [UInt8]) throws(CobblestoneError) {
        var failure: CobblestoneError?
        plaintext.withUnsafeBytes { bytes in
            do throws(CobblestoneError) { try append(bytes, into: &out) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Appends the short last chunk, which tells an opener that the stream is whole.
    ///
    /// - Throws: ``CobblestoneError/finished`` when called again.
    package mutating func finish(into out: inout [UInt8]) throws(CobblestoneError) {
        guard !isFinished else { throw .finished }
        writePrefix(into: &out)
        try sealPartial(into: &out)
        isFinished = true
    }

    /// The short last chunk, which tells an opener that the stream is whole.
    package mutating func finish() throws(CobblestoneError) -> [UInt8] {
        var out: [UInt8] = []
        try finish(into: &out)
        return out
    }

    private mutating func writePrefix(into out: inout [UInt8]) {
        guard !hasPrefix else { return }
        hasPrefix = true
        out.append(contentsOf: key.salt)
        out.append(contentsOf: key.commitment)
    }

    private mutating func sealPartial(into out: inout [UInt8]) throws(CobblestoneError) {
        var failure: CobblestoneError?
        partial.withUnsafeBytes { bytes in
            do throws(CobblestoneError) { try key.seal(chunk: chunk, bytes, into: &out) } catch { failure = error }
        }
        if let failure { throw failure }
        chunk += 1
        partial.removeAll(keepingCapacity: true)
    }
}
