/// Numbers of the sealed stream: C2SP chunked-encryption (c2sp.org/chunked-encryption), instance Cobblestone-256,
/// that is HKDF-Expand with SHA-512 and AES-256-GCM.
///
/// A sealed stream is salt (24 bytes), commitment (32 bytes), then the chunks. Each chunk holds 16 KiB of plaintext and
/// a tag of 16 bytes; the last one always holds less than 16 KiB, and nothing when the plaintext is a multiple of that.
package enum Cobblestone {
    /// Plaintext bytes of every chunk but the last.
    package static let chunkLength = 16_384
    /// Bytes of the AES-GCM tag that ends each chunk.
    package static let tagLength = 16
    /// Sealed bytes of every chunk but the last.
    package static let sealedChunkLength = chunkLength + tagLength
    /// Bytes of the random salt.
    package static let saltLength = 24
    /// Bytes of the key commitment.
    package static let commitmentLength = 32
    /// Bytes before the first chunk.
    package static let prefixLength = saltLength + commitmentLength
    /// The specification's limit: 2^38 chunks, 4 PiB.
    static let maximumChunks: UInt64 = 1 << 38

    /// The sealed length of a plaintext.
    ///
    /// - Parameter count: bytes of plaintext, 0 to 4 PiB.
    package static func sealedLength(of count: Int) -> Int {
        prefixLength + count / chunkLength * sealedChunkLength + count % chunkLength + tagLength
    }

    /// The plaintext length that a sealed length stands for. It is proven only when the last chunk has been opened.
    ///
    /// - Throws: ``CobblestoneError/truncated`` when no whole stream has this length.
    package static func plaintextLength(ofSealed sealedLength: Int) throws(CobblestoneError) -> Int {
        guard sealedLength >= prefixLength + tagLength else { throw .truncated }
        let body = sealedLength - prefixLength
        let last = body % sealedChunkLength
        guard last >= tagLength else { throw .truncated }
        return body / sealedChunkLength * chunkLength + last - tagLength
    }
}

/// Why a sealed stream cannot be written or opened.
package enum CobblestoneError: Error, Equatable {
    /// The commitment does not belong to this key and context: another key, another document, or a changed prefix.
    case wrongKeyOrContext
    /// The tag of this chunk does not verify: the bytes were changed, moved, or belong to another stream.
    case corrupt(chunk: UInt64)
    /// The stream ends without its short last chunk.
    case truncated
    /// More than 2^38 chunks.
    case tooLong
    /// The stream was finished before, or has failed before.
    case finished
    /// A chunk was asked for that the stream does not have, or its bytes have another length than it must have.
    case noSuchChunk(UInt64)
}
