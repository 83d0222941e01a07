package import NIOCore
import NIOPosix

/// Seals a document into a new blob while it streams in. For one task at a time.
///
/// Plaintext is gathered to 256 KiB before a thread of the pool seals and writes it, so that a small document costs one
/// write. A writer that goes away without ``commit()`` leaves nothing behind.
package final class BlobWriter {
    private let folder: BlobFolder
    private let id: BlobID
    private var pending: [UInt8] = []
    private var file: SealedFile?
    /// Bytes of plaintext taken so far. Whoever streams from a client compares it with a limit.
    package private(set) var count = 0

    init(folder: BlobFolder, header: BlobHeader, file: SealedFile) {
        self.folder = folder
        self.id = header.id
        self.file = file
    }

    /// Takes plaintext.
    ///
    /// - Throws: ``BlobError``, after which the writer is closed and its file gone; `CancellationError`.
    package func append(_ bytes: some Sequence<UInt8>) async throws {
        let before = pending.count
        pending.append(contentsOf: bytes)
        try await taken(pending.count - before)
    }

    /// Takes the readable bytes of a buffer, as they come in a request body.
    ///
    /// - Throws: ``BlobError``, after which the writer is closed and its file gone; `CancellationError`.
    package func append(_ buffer: ByteBuffer) async throws {
        pending.append(contentsOf: buffer.readableBytesView)
        try await taken(buffer.readableBytes)
    }

    /// Makes the blob durable: fsync of the file, rename, fsync of the folder, all done when this returns.
    ///
    /// - Throws: ``BlobError``, and then nothing of the blob is left; `CancellationError`, but not once the commit
    ///   has begun.
    package func commit() async throws -> BlobDigest {
        let (file, plaintext) = try takeFile()
        let digest = try await folder.run { [file] in
            var file = file
            return try file.finish(plaintext)
        }
        do {
            try await folder.folderSync.sync(BlobLayout.folder(of: id.document))
        } catch {
            // The blob has its name but might lose it in a power failure: it must not be half there.
            await folder.discard(id)
            throw error
        }
        return digest
    }

    /// Removes what was written. The writer is closed.
    package func abort() async {
        guard let (file, _) = try? takeFile() else { return }
        _ = try? await folder.run { file.remove() }
    }

    private func taken(_ length: Int) async throws {
        guard file != nil else {
            pending = []
            throw BlobError.closed
        }
        count += length
        guard pending.count >= SealedFile.blockLength else { return }
        let (file, plaintext) = try takeFile()
        self.file = try await folder.run { [file] in
            var file = file
            try file.write(plaintext)
            return file
        }
    }

    /// Moves the state out, so that a failure or a cancellation leaves a closed writer.
    private func takeFile() throws(BlobError) -> (SealedFile, [UInt8]) {
        guard let taken = file else { throw .closed }
        let plaintext = pending
        file = nil
        pending = []
        return (taken, plaintext)
    }
}
