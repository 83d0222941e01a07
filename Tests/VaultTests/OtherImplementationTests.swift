import Glibc
import Testing
import Vault

/// An operator can read a document without this product: PyPI `cryptography` opens our blobs.
@Suite struct OtherImplementationTests {
    private static let python = getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) }

    @Test(
        .enabled(
            if: python != nil, "FAXLOCK_TEST_PYTHON names no Python that has the package cryptography 50 or later"),
        arguments: [0, 9, 16_384, 700_000])
    func pythonOpensOurBlobs(count: Int) async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await BlobFolder.open(at: temporary.path, tenant: .single)
            let id = BlobID(document: try Samples.document(), kind: .transmitted, generation: 7)
            let key = DataKey()
            let writer = folder.create(BlobHeader(id: id, epoch: try Samples.epoch()), key: key)
            let plaintext = Samples.bytes(count)
            try await writer.append(plaintext)
            _ = try await writer.commit()
            let blob = try #require(temporary.files().first)

            #expect(try run(on: "\(temporary.path)/\(blob)", tenant: "main", key: key, in: temporary) == 0)
            #expect(try temporary.read("opened") == plaintext)
            #expect(try run(on: "\(temporary.path)/\(blob)", tenant: "other", key: key, in: temporary) != 0)
            #expect(try run(on: "\(temporary.path)/\(blob)", tenant: "main", key: DataKey(), in: temporary) != 0)
        }
    }

    /// Runs open_blob.py with the key on its standard input, and gives its exit status.
    private func run(on blob: String, tenant: String, key: DataKey, in temporary: TemporaryFolder) throws -> Int32 {
        let python = try #require(Self.python)
        var script = #filePath
        script.removeSubrange(try #require(script.lastIndex(of: "/"))...)
        let command =
            "'\(python)' '\(script)/open_blob.py' '\(blob)' '\(tenant)' > '\(temporary.path)/opened' 2> /dev/null"
        let pipe = try #require(popen(command, "w"))
        let hex = Samples.hex(key.bytes)
        #expect(fputs(hex, pipe) >= 0)
        return pclose(pipe)
    }
}
