/// An open blob. Reads of several tasks may overlap.
package final class BlobReader: Sendable {
    package let header: BlobHeader
    /// Bytes of plaintext; verified.
    package var count: Int { access.count }

    private let file: OpenFile
    private let streamStart: Int
    private let access: ChunkAccess
    private let folder: BlobFolder

    private init(header: BlobHeader, file: OpenFile, streamStart: Int, access: ChunkAccess, folder: BlobFolder) {
        self.header = header
        self.file = file
        self.streamStart = streamStart
        self.access = access
        self.folder = folder
    }

    /// Verifies header, key, and by the last chunk the length. Blocks.
    static func open(
        _ file: OpenFile, id: BlobID, key: DataKey, tenant: TenantID, folder: BlobFolder
    ) throws(BlobError) -> BlobReader {
        let length = try file.length()
        let beginning = try file.read(0..<min(length, BlobHeader.maximumLength + Cobblestone.prefixLength))
        let header: BlobHeader
        let start: Int
        do throws(BlobHeader.Failure) {
            (header, start) = try BlobHeader.decode(beginning)
        } catch {
            throw .malformed(error)
        }
        guard header.id == id else { throw .foreign(found: header.id) }
        let access: ChunkAccess
        do throws(CobblestoneError) {
            access = try ChunkAccess(
                key: key, context: id.context(tenant: tenant),
                prefix: Array(beginning[start...].prefix(Cobblestone.prefixLength)), sealedLength: length - start)
        } catch {
            throw .unverified(error)
        }
        let reader = BlobReader(header: header, file: file, streamStart: start, access: access, folder: folder)
        _ = try reader.openChunks(access.chunks - 1..<access.chunks)
        return reader
    }

    /// The whole document, up to 256 KiB at a time. An error after some pieces means that those were a torso: an HTTP
    /// response is then broken off, never ended.
    package var chunks: BlobChunks { BlobChunks(reader: self) }

    /// The plaintext from `offset`, `count` bytes or up to the end.
    ///
    /// - Throws: ``BlobError/outOfRange`` when `offset` is not in 0 ... ``count`` or `count` is negative;
    ///   ``BlobError/unverified(_:)``; ``BlobError/system(operation:errno:)``.
    package func read(at offset: Int, count: Int) async throws -> [UInt8] {
        guard (0...self.count).contains(offset), count >= 0 else { throw BlobError.outOfRange }
        let wanted = min(count, self.count - offset)
        guard wanted > 0 else { return [] }
        return try await folder.run { [self] in
            let first = offset / Cobblestone.chunkLength
            let last = (offset + wanted - 1) / Cobblestone.chunkLength
            let plaintext = try openChunks(first..<last + 1)
            let start = offset - first * Cobblestone.chunkLength
            return start == 0 && plaintext.count == wanted ? plaintext : Array(plaintext[start..<start + wanted])
        }
    }

    /// The whole document.
    ///
    /// - Parameter limit: bytes; ``BlobError/outOfRange`` is thrown when the document has more.
    package func read(upTo limit: Int) async throws -> [UInt8] {
        guard count <= limit else { throw BlobError.outOfRange }
        return try await read(at: 0, count: count)
    }

    /// The plaintext of whole chunks. Blocks.
    private func openChunks(_ chunks: Range<Int>) throws(BlobError) -> [UInt8] {
        let start = access.sealedRange(ofChunk: chunks.lowerBound).lowerBound
        let end = access.sealedRange(ofChunk: chunks.upperBound - 1).upperBound
        let sealed = try file.read(streamStart + start..<streamStart + end)
        guard sealed.count == end - start else { throw .unverified(.truncated) }
        var plaintext: [UInt8] = []
        plaintext.reserveCapacity(sealed.count)
        var failure: CobblestoneError?
        sealed.withUnsafeBytes { bytes in
            do throws(CobblestoneError) {
                for chunk in chunks {
                    let range = access.sealedRange(ofChunk: chunk)
                    let part = UnsafeRawBufferPointer(
                        rebasing: bytes[range.lowerBound - start..<range.upperBound - start])
                    try access.open(chunk: chunk, part, into: &plaintext)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw .unverified(failure) }
        return plaintext
    }
}

/// The plaintext of a blob from its beginning to its end, in pieces.
package struct BlobChunks: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    let reader: BlobReader

    package func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

    package struct Iterator: AsyncIteratorProtocol {
        let reader: BlobReader
        private var offset = 0

        init(reader: BlobReader) { self.reader = reader }

        /// The next piece, up to 256 KiB; nil after the last.
        ///
        /// - Throws: ``BlobError``, `CancellationError`.
        package mutating func next() async throws -> [UInt8]? {
            guard offset < reader.count else { return nil }
            let piece = try await reader.read(at: offset, count: SealedFile.blockLength)
            offset += piece.count
            return piece
        }
    }
}
