import Glibc
import Testing
import Vault

/// What somebody with access to the folder, but without keys, may try.
@Suite struct BlobTamperingTests {
    private func id(_ name: String, _ kind: BlobKind = .upload, _ generation: UInt32 = 0) throws -> BlobID {
        BlobID(document: try Samples.document(name), kind: kind, generation: generation)
    }

    private func withBlob(
        _ count: Int, _ body: (TemporaryFolder, BlobFolder, String) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            let header = BlobHeader(id: try id("doc_1"), epoch: try Samples.epoch())
            let writer = folder.create(header, key: try Samples.key())
            try await writer.append(Samples.bytes(count))
            _ = try await writer.commit()
            let files = temporary.files()
            try #require(files.count == 1)
            try await body(temporary, folder, files[0])
        }
    }

    @Test func blobUnderAnotherNameDoesNotOpen() async throws {
        try await withBlob(100) { temporary, folder, file in
            let stored = try temporary.read(file)
            for other in [try id("doc_2"), try id("doc_1", .received), try id("doc_1", .upload, 1)] {
                // Stored by the folder itself, so that the file is where it looks for it.
                let writer = folder.create(BlobHeader(id: other, epoch: try Samples.epoch()), key: try Samples.key())
                _ = try await writer.commit()
                let place = try #require(temporary.files().first { $0.hasSuffix(other.fileName) })
                try temporary.write(stored, to: place)
                await #expect(throws: BlobError.foreign(found: try id("doc_1"))) {
                    try await folder.open(other, key: try Samples.key())
                }
                // With the header changed as well, the context tells.
                let forged = BlobHeader(id: other, epoch: try Samples.epoch()).encoded
                let length = try BlobHeader.decode(stored).length
                try temporary.write(forged + stored[length...], to: place)
                await #expect(throws: BlobError.unverified(.wrongKeyOrContext)) {
                    try await folder.open(other, key: try Samples.key())
                }
            }
        }
    }

    @Test func blobOfAnotherTenantOrKeyDoesNotOpen() async throws {
        try await withBlob(100) { temporary, folder, _ in
            let id = try id("doc_1")
            await #expect(throws: BlobError.unverified(.wrongKeyOrContext)) {
                try await folder.open(id, key: try Samples.key(1))
            }
            let other = try await BlobFolder.open(at: temporary.path, tenant: try #require(TenantID("other")))
            await #expect(throws: BlobError.unverified(.wrongKeyOrContext)) {
                try await other.open(id, key: try Samples.key())
            }
        }
    }

    @Test func cutBlobDoesNotOpenAtAnyLength() async throws {
        try await withBlob(40_000) { temporary, folder, file in
            let id = try id("doc_1")
            let stored = try temporary.read(file)
            let start = try BlobHeader.decode(stored).length
            let lengths =
                [0, 3, 4, start - 1, start, start + 55, start + 56, start + 56 + 16_400, start + 56 + 32_800]
                + [start + 56 + 8_000, start + 56 + 20_000, stored.count - 1]
            for length in lengths {
                try temporary.write(Array(stored[..<length]), to: file)
                await #expect(throws: BlobError.self) { try await folder.open(id, key: try Samples.key()) }
            }
            try temporary.write(stored + [0], to: file)
            await #expect(throws: BlobError.self) { try await folder.open(id, key: try Samples.key()) }
            try temporary.write(stored, to: file)
            #expect(try await folder.open(id, key: try Samples.key()).count == 40_000)
        }
    }

    @Test func damageInTheMiddleBreaksTheStreamOff() async throws {
        try await withBlob(600_000) { temporary, folder, file in
            var stored = try temporary.read(file)
            let start = try BlobHeader.decode(stored).length
            stored[start + 56 + 20 * 16_400 + 5] ^= 1
            try temporary.write(stored, to: file)
            let reader = try await folder.open(try id("doc_1"), key: try Samples.key())
            var released = 0
            await #expect(throws: BlobError.unverified(.corrupt(chunk: 20))) {
                for try await piece in reader.chunks { released += piece.count }
            }
            #expect(released == 262_144)
            #expect(try await reader.read(at: 500_000, count: 10).count == 10)
            await #expect(throws: BlobError.unverified(.corrupt(chunk: 20))) {
                try await reader.read(at: 20 * 16_384 + 1_000, count: 1)
            }
        }
    }

    @Test func symbolicLinkIsNotFollowed() async throws {
        try await withBlob(100) { temporary, folder, file in
            rename("\(temporary.path)/\(file)", "\(temporary.path)/elsewhere")
            symlink("\(temporary.path)/elsewhere", "\(temporary.path)/\(file)")
            await #expect(throws: BlobError.system(operation: "opening", errno: ELOOP)) {
                try await folder.open(try id("doc_1"), key: try Samples.key())
            }
        }
    }
}
