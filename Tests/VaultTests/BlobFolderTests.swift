import Glibc
import NIOCore
import Testing
import Vault

@Suite struct BlobFolderTests {
    private func header(_ name: String = "doc_1", kind: BlobKind = .upload) throws -> BlobHeader {
        BlobHeader(id: BlobID(document: try Samples.document(name), kind: kind), epoch: try Samples.epoch())
    }

    @discardableResult
    private func store(
        _ bytes: [UInt8], as header: BlobHeader, in folder: BlobFolder, pieces: Int = .max
    ) async throws -> BlobDigest {
        let writer = folder.create(header, key: try Samples.key())
        var rest = bytes[...]
        while !rest.isEmpty {
            try await writer.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        #expect(writer.count == bytes.count)
        return try await writer.commit()
    }

    /// The path of the only file in the folder.
    private func onlyFile(_ temporary: TemporaryFolder) throws -> String {
        let files = temporary.files()
        try #require(files.count == 1)
        return files[0]
    }

    @Test(arguments: [0, 1, 16_384, 40_000, 262_144, 262_145, 1_000_000])
    func documentComesBack(count: Int) async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: "\(temporary.path)/blobs", tenant: .single)
            let bytes = Samples.bytes(count)
            for (index, pieces) in [Int.max, 10_007].enumerated() {
                let header = try header("doc_\(index)")
                let digest = try await store(bytes, as: header, in: folder, pieces: pieces)
                #expect(digest.count == count)
                let reader = try await folder.open(header.id, key: try Samples.key())
                #expect(reader.header == header)
                #expect(reader.count == count)
                #expect(try await reader.read(upTo: count) == bytes)
                var streamed: [UInt8] = []
                for try await piece in reader.chunks { streamed += piece }
                #expect(streamed == bytes)
            }
        }
    }

    @Test func digestIsThatOfThePlaintext() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            let digest = try await store(Array("abc".utf8), as: try header(), in: folder)
            // FIPS 180-4, the example of one block.
            #expect(
                Samples.hex(digest.sha256) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        }
    }

    @Test func buffersAndArraysMix() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            let writer = folder.create(try header(), key: try Samples.key())
            try await writer.append(ByteBuffer(bytes: [1, 2, 3]))
            try await writer.append([4, 5])
            try await writer.append([9, 6, 7][1...])
            try await writer.append(ByteBuffer())
            #expect(try await writer.commit().count == 7)
            let reader = try await folder.open(try header().id, key: try Samples.key())
            #expect(try await reader.read(upTo: 7) == [1, 2, 3, 4, 5, 6, 7])
            await #expect(throws: BlobError.outOfRange) { try await reader.read(upTo: 6) }
        }
    }

    @Test func readsAnyRange() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            let bytes = Samples.bytes(50_000)
            try await store(bytes, as: try header(), in: folder)
            let reader = try await folder.open(try header().id, key: try Samples.key())
            let ranges = [
                (0, 1), (0, 16_384), (1, 16_384), (16_383, 2), (16_384, 16_384), (32_000, 18_000), (49_999, 1),
                (50_000, 1), (0, 0), (49_000, .max), (0, .max),
            ]
            for (offset, count) in ranges {
                let end = offset + min(count, bytes.count - offset)
                #expect(try await reader.read(at: offset, count: count) == Array(bytes[offset..<end]))
            }
            for (offset, count) in [(-1, 1), (50_001, 0), (0, -1), (.max, .max), (.min, 1)] {
                await #expect(throws: BlobError.outOfRange) { try await reader.read(at: offset, count: count) }
            }
        }
    }

    @Test func fileIsPrivateSealedAndInItsPlace() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: "\(temporary.path)/blobs", tenant: .single)
            #expect(temporary.mode(of: "blobs") == 0o700)
            try await store(Array("%PDF-1.7 secret".utf8), as: try header(), in: folder)
            let file = try onlyFile(temporary)
            #expect(file == "blobs/dc/doc_1.upload.0")
            #expect(temporary.mode(of: file) == 0o600)
            let stored = try temporary.read(file)
            #expect(stored.starts(with: try header().encoded))
            #expect(!String(decoding: stored, as: UTF8.self).contains("PDF"))
        }
    }

    @Test func nothingIsThereBeforeTheCommit() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            let writer = folder.create(try header(), key: try Samples.key())
            try await writer.append(Samples.bytes(300_000))
            #expect(try await folder.list().isEmpty)
            let file = try onlyFile(temporary)
            #expect(file.hasPrefix("incoming/"))
            #expect(temporary.mode(of: file) == 0o600)
            await #expect(throws: BlobError.missing(try header().id)) {
                try await folder.open(try header().id, key: try Samples.key())
            }
            await writer.abort()
            #expect(temporary.files().isEmpty)
            await writer.abort()
            await #expect(throws: BlobError.closed) { try await writer.append([1]) }
            await #expect(throws: BlobError.closed) { try await writer.commit() }
        }
    }

    @Test func forgottenWriterLeavesNothing() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            func begin() async throws {
                let writer = folder.create(try header(), key: try Samples.key())
                try await writer.append(Samples.bytes(300_000))
                #expect(temporary.files().count == 1)
            }
            try await begin()
            // The pool's thread may hold the last reference for a moment longer than the writer lives.
            for _ in 0..<64 where !temporary.files().isEmpty { _ = try await folder.list() }
            #expect(temporary.files().isEmpty)
        }
    }

    @Test func startRemovesWhatAKillLeft() async throws {
        try await TemporaryFolder.with { temporary in
            var folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            try await store([1, 2, 3], as: try header(), in: folder)
            try temporary.write([1], to: "incoming/0123")
            try temporary.write([2], to: "incoming/4567")
            folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            #expect(try await folder.removeTemporaries() == 2)
            #expect(try await folder.removeTemporaries() == 0)
            #expect(try await folder.list() == [try header().id])
        }
    }

    @Test func listAndRemove() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            var ids: Set<BlobID> = []
            for index in 0..<20 {
                let header = try header("doc_\(index)", kind: BlobKind.allCases[index % 4])
                try await store([UInt8(index)], as: header, in: folder)
                ids.insert(header.id)
            }
            try temporary.write([0], to: "00/lost+found")
            #expect(Set(try await folder.list()) == ids)
            let gone = try #require(ids.first)
            #expect(try await folder.remove(gone))
            #expect(try await folder.remove(gone) == false)
            ids.remove(gone)
            #expect(Set(try await folder.list()) == ids)
            await #expect(throws: BlobError.missing(gone)) { try await folder.open(gone, key: try Samples.key()) }
        }
    }

    @Test func blobIsNeverOverwritten() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            try await store([1], as: try header(), in: folder)
            await #expect(throws: BlobError.exists(try header().id)) {
                try await store([2], as: try header(), in: folder)
            }
            #expect(temporary.files().count == 1)
            let reader = try await folder.open(try header().id, key: try Samples.key())
            #expect(try await reader.read(upTo: 10) == [1])
        }
    }

    @Test func concurrentWritersAllCommit() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            let bytes = Samples.bytes(40_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<200 {
                    group.addTask { try await store(bytes, as: try header("doc_\(index)"), in: folder) }
                }
                try await group.waitForAll()
            }
            #expect(try await folder.list().count == 200)
            #expect(temporary.files().count == 200)
        }
    }
}
