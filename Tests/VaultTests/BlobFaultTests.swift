import Glibc
import Synchronization
import Testing
import Vault

/// Full and failing disks.
@Suite struct BlobFaultTests {
    private func folder(at temporary: TemporaryFolder, _ change: (inout FileCalls) -> Void) async throws -> BlobFolder {
        var calls = FileCalls.system
        change(&calls)
        return try await BlobFolder.open(at: temporary.path, tenant: .single, calls: calls)
    }

    private func header() throws -> BlobHeader {
        BlobHeader(id: BlobID(document: try Samples.document(), kind: .received), epoch: try Samples.epoch())
    }

    private func expectNothingLeft(_ error: BlobError, in temporary: TemporaryFolder, of folder: BlobFolder)
        async throws
    {
        let writer = folder.create(try header(), key: try Samples.key())
        await #expect(throws: error) {
            try await writer.append(Samples.bytes(40_000))
            _ = try await writer.commit()
        }
        await #expect(throws: BlobError.closed) { try await writer.commit() }
        #expect(temporary.files().isEmpty)
    }

    @Test func fullDiskAtTheWrite() async throws {
        try await TemporaryFolder.with { temporary in
            for code in [ENOSPC, EDQUOT] {
                let folder = try await folder(at: temporary) { $0.write = { _, _ in code } }
                try await expectNothingLeft(.noSpace(operation: "write"), in: temporary, of: folder)
            }
        }
    }

    @Test func fullDiskAtALaterWrite() async throws {
        try await TemporaryFolder.with { temporary in
            let written = Mutex(0)
            let folder = try await folder(at: temporary) { calls in
                calls.write = { descriptor, bytes in
                    let count = written.withLock { count in
                        count += 1
                        return count
                    }
                    return count == 3 ? ENOSPC : FileCalls.system.write(descriptor, bytes)
                }
            }
            let writer = folder.create(try header(), key: try Samples.key())
            await #expect(throws: BlobError.noSpace(operation: "write")) {
                for _ in 0..<10 { try await writer.append(Samples.bytes(100_000)) }
            }
            #expect(temporary.files().isEmpty)
            await #expect(throws: BlobError.closed) { try await writer.append([1]) }
        }
    }

    @Test func failingFsyncOfTheFile() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await folder(at: temporary) { $0.sync = { _ in EIO } }
            try await expectNothingLeft(.system(operation: "fsync", errno: EIO), in: temporary, of: folder)
        }
    }

    @Test func failingFsyncOfTheFolderTakesTheBlobBack() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await folder(at: temporary) { calls in
                calls.sync = { descriptor in
                    var status = stat()
                    fstat(descriptor, &status)
                    return status.st_mode & S_IFMT == S_IFDIR ? EIO : 0
                }
            }
            try await expectNothingLeft(
                .system(operation: "fsync of the folder", errno: EIO), in: temporary, of: folder)
        }
    }

    @Test func failingRename() async throws {
        try await TemporaryFolder.with { temporary in
            let folder = try await folder(at: temporary) { $0.rename = { _, _, _ in ENOSPC } }
            try await expectNothingLeft(.noSpace(operation: "rename"), in: temporary, of: folder)
        }
    }

    /// fsync of the file, then rename, then fsync of the folder; and a small document is one write.
    @Test func commitKeepsTheOrder() async throws {
        try await TemporaryFolder.with { temporary in
            let steps = Mutex<[String]>([])
            let folder = try await folder(at: temporary) { calls in
                calls.write = { descriptor, bytes in
                    steps.withLock { $0.append("write") }
                    return FileCalls.system.write(descriptor, bytes)
                }
                calls.sync = { descriptor in
                    var status = stat()
                    fstat(descriptor, &status)
                    steps.withLock { $0.append(status.st_mode & S_IFMT == S_IFDIR ? "sync folder" : "sync file") }
                    return FileCalls.system.sync(descriptor)
                }
                calls.rename = { descriptor, from, to in
                    steps.withLock { $0.append("rename") }
                    return FileCalls.system.rename(descriptor, from, to)
                }
            }
            let writer = folder.create(try header(), key: try Samples.key())
            for _ in 0..<40 { try await writer.append(Samples.bytes(1_000)) }
            _ = try await writer.commit()
            #expect(steps.withLock { $0 } == ["write", "sync file", "rename", "sync folder"])
            _ = try await folder.remove(try header().id)
            #expect(steps.withLock { $0.last } == "sync folder")
        }
    }

    @Test func missingFolderIsAnError() async throws {
        await #expect(throws: BlobError.system(operation: "creation of the folder", errno: ENOENT)) {
            try await BlobFolder.open(at: "/nonexistent/faxlock/blobs", tenant: .single)
        }
    }
}
