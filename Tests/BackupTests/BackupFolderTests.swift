import FaxModel
import Foundation
import Ledger
import Store
import Testing
import Vault

@testable import Backup

@Suite struct BackupFolderTests {
    @Test func `the folders hold nothing in the clear, and are for their owner alone`() async throws {
        try await Installation.with { installation in
            _ = try await installation.deliver()
            _ = try await installation.queue()
            _ = try await installation.jobs().makeBackup(by: .system)
            let patterns: [(String, Data)] = [
                ("PDF", Data("%PDF".utf8)), ("TIFF", Data([0x49, 0x49, 0x2A, 0])), ("TIFF", Data([0x4D, 0x4D, 0, 0x2A])),
                ("number", Data("5551230147".utf8)), ("name", Data(Installation.marker.utf8)), ("SQLite", Data("SQLite format".utf8)),
                ("key", Data("wrapped".utf8)),
            ]
            func clearText(_ folder: String) throws -> [String] {
                try TemporaryFolder.files(in: folder).flatMap { file, bytes in
                    patterns.compactMap { bytes.range(of: $0.1) == nil ? nil : "\(file): \($0.0)" }
                }
            }
            for folder in [installation.backup, installation.keys] {
                #expect(try clearText(folder) == [])
                for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
                    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")
                    let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
                    #expect(mode == (attributes[.type] as? FileAttributeType == .typeDirectory ? 0o700 : 0o600), "\(path)")
                }
            }
            // The scanner finds what it looks for.
            try Data("x\(Installation.marker)".utf8).write(to: URL(fileURLWithPath: installation.backup + "/control"))
            #expect(try clearText(installation.backup) == ["control: name"])
        }
    }

    @Test func `a drill says what was verified, and is on the record`() async throws {
        try await Installation.with { installation in
            _ = try await installation.deliver()
            let jobs = try await installation.jobs()
            #expect(try jobs.folder.newest() == nil)
            let none = try await jobs.drill(by: .system)
            #expect(!none.ok && none.differences.first?.contains("no snapshot") == true)
            let made = try await jobs.makeBackup(by: .system)
            let newest = try #require(try jobs.folder.newest())
            #expect(newest.time == SnapshotName(made.snapshot)?.time && newest.size > 1000)
            installation.clock.advance(by: .seconds(7200))
            let report = try await jobs.drill(by: .system)
            #expect(report.ok && report.documents == 3 && report.snapshot == made.snapshot && report.ledgerSize == made.ledgerSize)
            #expect((2...2.001).contains(report.ageHours) && report.differences == [] && report.bytes > 20)
            #expect(!FileManager.default.fileExists(atPath: installation.data + "/drill.partial"))
            var query = FaxStore.LedgerQuery()
            query.object = "backup/\(made.snapshot)"
            let leaves = try await installation.store.ledgerEntries(matching: query, limit: 10).map {
                String(decoding: $0.leaf, as: UTF8.self)
            }
            #expect(leaves.count == 2 && leaves[0].contains("backup.drilled") && leaves[1].contains("backup.made"))
            #expect(leaves.allSatisfy { $0.contains(#""outcome":"success""#) })
        }
    }

    /// A document that was changed before it was backed up is sealed well in the backup; the drill opens it.
    @Test func `a drill opens every document`() async throws {
        try await Installation.with { installation in
            let (_, document) = try await installation.accept([UInt8](repeating: 7, count: 50_000))
            let name = try #require(TemporaryFolder.files(in: installation.data + "/blobs").keys.first { $0.contains("\(document)") })
            let path = installation.data + "/blobs/" + name
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let jobs = try await installation.jobs()
            _ = try await jobs.makeBackup(by: .system)
            let report = try await jobs.drill(by: .system)
            #expect(!report.ok && report.differenceCount == 1 && report.differences[0].contains("\(document)"), "\(report.differences)")
        }
    }

    @Test func `old snapshots go, and then the blobs that only they had`() async throws {
        try await Installation.with { installation in
            let jobs = try await installation.jobs(rotation: Rotation(days: 2, months: 1))
            let fax = try await installation.deliver()
            var made: [BackupReport] = []
            for day in 0..<5 {
                made.append(try await jobs.makeBackup(by: .system))
                if day == 0 {
                    _ = try await installation.store.shred(fax, cause: .request, by: .system)
                    _ = try await installation.documents.removeShredded()
                }
                installation.clock.advance(by: .seconds(86_400))
                try await installation.accept()
            }
            #expect(try jobs.folder.names().map(\.description) == made.suffix(2).map(\.snapshot))
            #expect(made.map(\.removedSnapshots) == [0, 0, 1, 1, 1] && made.map(\.removedBlobs) == [0, 0, 3, 0, 0])
            #expect(try TemporaryFolder.files(in: installation.backup + "/blobs").count == 4)
            for name in try jobs.folder.names() {
                let report = try await installation.restore(to: "\(installation.folder)/\(name)").run(name)
                #expect(report.documents == ("\(name)" == made[4].snapshot ? 4 : 3))
            }
        }
    }

    /// Snapshots under a former backup key are nobody's to remove, and keep their blobs.
    @Test func `a former backup key's snapshots stay whole`() async throws {
        try await Installation.with { installation in
            let fax = try await installation.deliver()
            let old = try await installation.jobs().makeBackup(by: .system)
            let bundle = try Data(contentsOf: URL(fileURLWithPath: installation.keys + "/keys.fxk"))
            _ = try await installation.store.shred(fax, cause: .request, by: .system)
            _ = try await installation.documents.removeShredded()
            let newKey = try BackupKey.create(at: installation.folder + "/second.key")
            for _ in 0..<3 {
                installation.clock.advance(by: .seconds(86_400 * 32))
                let jobs = try await BackupJobs(
                    BackupJobs.Plan(
                        dataFolder: installation.data, backupFolder: installation.backup, keysFolder: installation.keys, key: newKey,
                        rotation: Rotation(days: 1, months: 0)), store: installation.store, key: installation.key,
                    clock: installation.clock.function, logger: installation.logger)
                _ = try await jobs.makeBackup(by: .system)
            }
            #expect(try BackupFolder(installation.backup).names().count == 2)
            try bundle.write(to: URL(fileURLWithPath: installation.keys + "/keys.fxk"))
            let report = try await installation.restore(to: installation.folder + "/old").run(SnapshotName(old.snapshot))
            #expect(report.documents == 3)
        }
    }

    @Test func `a backup key's file says what it is and is never overwritten`() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/backup.key"
        let key = try BackupKey.create(at: path)
        #expect(try BackupKey(contentsOf: path).id == key.id)
        #expect(throws: KeyFileError.exists(path)) { _ = try BackupKey.create(at: path) }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("faxlock backup key 1\n") && text.utf8.count == 66)
        #expect(!"\(key)".contains(text.split(separator: "\n")[1]))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: KeyFileError.self) { _ = try BackupKey(contentsOf: path) }
        // The file of a key-encryption key with the same shape is another thing.
        #expect(throws: KeyFileError.self) { _ = try KeyEncryptionKey(contentsOf: path) }
    }
}
