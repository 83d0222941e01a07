/// Opens single chunks of a sealed stream in any order.
package struct ChunkAccess: Sendable {
    private let key: MessageKey
    private let sealedLength: Int
    /// Bytes of plaintext, as the sealed length has it: proven when the last chunk has been opened.
    package let count: Int
    /// Number of chunks, 1 or more; the last one is ``count`` / 16 KiB.
    package let chunks: Int

    /// - Parameters:
    ///   - key: the document's data key.
    ///   - context: what the stream must be.
    ///   - prefix: the first 56 bytes of the sealed stream.
    ///   - sealedLength: bytes of the whole sealed stream.
    /// - Throws: ``CobblestoneError/truncated`` when no stream has this length,
    ///   ``CobblestoneError/wrongKeyOrContext`` when the commitment does not match.
    package init(key: DataKey, context: String, prefix: [UInt8], sealedLength: Int) throws(CobblestoneError) {
        count = try Cobblestone.plaintextLength(ofSealed: sealedLength)
        guard prefix.count == Cobblestone.prefixLength else { throw .truncated }
        let derived = MessageKey(key: key, context: context, salt: Array(prefix[..<Cobblestone.saltLength]))
        guard derived.commits(to: prefix) else { throw .wrongKeyOrContext }
        self.key = derived
        self.sealedLength = sealedLength
        chunks = count / Cobblestone.chunkLength + 1
    }

    /// Where a chunk lies in the sealed stream.
    ///
    /// - Parameter chunk: 0 ..< ``chunks``; another number gives an empty range at the end.
    package func sealedRange(ofChunk chunk: Int) -> Range<Int> {
        guard (0..<chunks).contains(chunk) else { return sealedLength..<sealedLength }
        let start = Cobblestone.prefixLength + chunk * Cobblestone.sealedChunkLength
        return start..<min(start + Cobblestone.sealedChunkLength, sealedLength)
    }

    /// Verifies a chunk and appends its plaintext to `out`.
    ///
    /// - Parameters:
    ///   - chunk: 0 ..< ``chunks``.
    ///   - sealed: the bytes at ``sealedRange(ofChunk:)``.
    /// - Throws: ``CobblestoneError/corrupt(chunk:)``, ``CobblestoneError/noSuchChunk(_:)``.
    package func open(
        chunk: Int, _ sealed: UnsafeRawBufferPointer, into out: inout [UInt8]
    ) throws(CobblestoneError) {
        guard (0..<chunks).contains(chunk), sealed.count == sealedRange(ofChunk: chunk).count else {
            throw .noSuchChunk(UInt64(clamping: chunk))
        }
        try key.open(chunk: UInt64(chunk), sealed, into: &out)
    }

    /// Verifies a chunk and gives its plaintext.
    package func open(chunk: Int, _ sealed: [UInt8]) throws(CobblestoneError) -> [UInt8] {
        var out: [UInt8] = []
        var failure: CobblestoneError?
        sealed.withUnsafeBytes { bytes in
            do throws(CobblestoneError) { try open(chunk: chunk, bytes, into: &out) } catch { failure = error }
        }
        if let failure { throw failure }
        return out
    }
}
