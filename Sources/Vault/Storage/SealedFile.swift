import Crypto

/// What a commit gives: it belongs into the database, in the transaction that makes the document known.
package struct BlobDigest: Sendable, Equatable {
    /// SHA-256 of the plaintext, 32 bytes.
    package let sha256: [UInt8]
    /// Bytes of plaintext.
    package let count: Int
}

/// A blob on its way to disk. A value that moves to a pool thread and back; everything here blocks.
struct SealedFile: Sendable {
    /// Plaintext sealed and written at a time.
    static let blockLength = 16 * Cobblestone.chunkLength

    private let header: BlobHeader
    private let folder: OpenFile
    private let calls: FileCalls
    private var sealer: ChunkSealer
    private var hash = SHA256()
    private var count = 0
    private var file: TemporaryFile?

    init(header: BlobHeader, key: DataKey, tenant: TenantID, folder: OpenFile, calls: FileCalls) {
        self.header = header
        self.folder = folder
        self.calls = calls
        sealer = ChunkSealer(key: key, context: header.id.context(tenant: tenant))
    }

    /// Seals and writes all that makes full chunks. The first write creates the temporary file.
    mutating func write(_ plaintext: [UInt8]) throws(BlobError) {
        do throws(BlobError) {
            try write(plaintext, isLast: false)
        } catch {
            remove()
            throw error
        }
    }

    /// Seals and writes the rest; then the file is durable and has its name.
    mutating func finish(_ plaintext: [UInt8]) throws(BlobError) -> BlobDigest {
        do throws(BlobError) {
            try write(plaintext, isLast: true)
            try temporaryFile().rename(to: header.id)
            return BlobDigest(sha256: Array(hash.finalize()), count: count)
        } catch {
            remove()
            throw error
        }
    }

    /// Removes what was written.
    func remove() {
        file?.remove()
    }

    private mutating func write(_ plaintext: [UInt8], isLast: Bool) throws(BlobError) {
        var sealed: [UInt8] = file == nil ? header.encoded : []
        let block = min(plaintext.count, Self.blockLength) + Cobblestone.chunkLength
        sealed.reserveCapacity(BlobHeader.maximumLength + Cobblestone.sealedLength(of: block))
        let file = try temporaryFile()
        var start = 0
        repeat {
            let end = min(start + Self.blockLength, plaintext.count)
            try seal(plaintext, start..<end, into: &sealed)
            start = end
            if isLast && start == plaintext.count {
                do throws(CobblestoneError) { try sealer.finish(into: &sealed) } catch { throw .unverified(error) }
            }
            try file.write(sealed)
            sealed.removeAll(keepingCapacity: true)
        } while start < plaintext.count
    }

    private mutating func seal(_ plaintext: [UInt8], _ range: Range<Int>, into out: inout [UInt8]) throws(BlobError) {
        var failure: CobblestoneError?
        plaintext.withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[range])
            hash.update(bufferPointer: part)
            do throws(CobblestoneError) { try sealer.append(part, into: &out) } catch { failure = error }
        }
        if let failure { throw .unverified(failure) }
        count += range.count
    }

    private mutating func temporaryFile() throws(BlobError) -> TemporaryFile {
        if let file { return file }
        let created = try TemporaryFile(in: folder, calls: calls)
        file = created
        return created
    }
}
