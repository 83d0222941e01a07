import Foundation
import Ledger
import Store
import Testing
import Vault

@testable import Backup

@Suite struct TamperingTests {
    /// A backup of some faxes, and the path of the newest snapshot.
    private static func with(_ body: (Installation, String) async throws -> Void) async throws {
        try await Installation.with { installation in
            for index in 0..<3 { try await installation.accept([UInt8](repeating: UInt8(index), count: 30_000)) }
            let report = try await installation.jobs().makeBackup(by: .system)
            try await body(installation, "\(installation.backup)/snapshots/\(report.snapshot).fxb")
        }
    }

    private static func change(_ path: String, _ change: (inout Data) -> Void) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        change(&bytes)
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    /// Restores, expects a refusal, and that nothing is left which a server would start on.
    private static func refusal(
        _ installation: Installation, key: KeyEncryptionKey? = nil, backupKey: BackupKey? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> BackupFailure {
        let target = installation.folder + "/refused"
        let failure = await #expect(throws: BackupFailure.self, sourceLocation: sourceLocation) {
            try await installation.restore(to: target, key: key, backupKey: backupKey).run()
        }
        let left = (try? TemporaryFolder.files(in: target).keys.sorted()) ?? []
        #expect(left == [] || left == ["lock"], "\(left)", sourceLocation: sourceLocation)
        return try #require(failure, sourceLocation: sourceLocation)
    }

    /// Where in a snapshot: header, key id, salt, commitment, manifest, database, the last tag.
    @Test(arguments: [0, 4, 6, 14, 40, 80, 400, -20_000, -3])
    func `a changed snapshot is refused`(offset: Int) async throws {
        try await Self.with { installation, snapshot in
            try Self.change(snapshot) { bytes in bytes[offset >= 0 ? offset : bytes.count + offset] ^= 1 }
            let failure = try await Self.refusal(installation)
            switch failure {
            case .damaged(let path, _), .unknownVersion(let path, _), .wrongBackupKey(let path, _, _): #expect(path == snapshot)
            default: Issue.record("\(failure)")
            }
        }
    }

    @Test(arguments: [1, 16, 16_400, 30_000]) func `a cut or extended snapshot is refused`(count: Int) async throws {
        try await Self.with { installation, snapshot in
            let whole = try Data(contentsOf: URL(fileURLWithPath: snapshot))
            try Self.change(snapshot) { $0.removeLast(count) }
            guard case .damaged(snapshot, _) = try await Self.refusal(installation) else { throw Unexpected() }
            try whole.write(to: URL(fileURLWithPath: snapshot))
            try Self.change(snapshot) { $0.append(contentsOf: [UInt8](repeating: 0, count: count)) }
            guard case .damaged(snapshot, _) = try await Self.refusal(installation) else { throw Unexpected() }
        }
    }

    private struct Unexpected: Error {}

    @Test func `an older snapshot under a newer name is refused`() async throws {
        try await Self.with { installation, snapshot in
            let newer = "\(installation.backup)/snapshots/20301122T083000Z-1.fxb"
            try FileManager.default.copyItem(atPath: snapshot, toPath: newer)
            #expect(try await Self.refusal(installation) == .damaged(newer, "its seal is of another file or was changed"))
        }
    }

    /// Also one that the database's own seal would find only when somebody opens it.
    @Test(arguments: [0, 100, -1]) func `a changed or missing blob is refused by its name`(offset: Int) async throws {
        try await Self.with { installation, snapshot in
            let blobs = try TemporaryFolder.files(in: installation.backup + "/blobs")
            #expect(blobs.count == 3)
            let name = try #require(blobs.keys.min())
            let path = "\(installation.backup)/blobs/\(name)"
            try Self.change(path) { bytes in bytes[offset >= 0 ? offset : bytes.count + offset] ^= 0x80 }
            let file = String(name.dropFirst(3))
            let label = String(snapshot.split(separator: "/").last?.dropLast(4) ?? "")
            #expect(try await Self.refusal(installation) == .changedBlob(file, snapshot: label))
            let drill = try await installation.jobs().drill(by: .system)
            #expect(!drill.ok && drill.differences.first?.contains(file) == true, "\(drill.differences)")
            #expect(!FileManager.default.fileExists(atPath: installation.data + "/drill.partial"))

            try FileManager.default.removeItem(atPath: path)
            #expect(try await Self.refusal(installation) == .missingBlob(file, snapshot: label))
            // The next backup puts it back, since it is not there.
            let jobs = try await installation.jobs()
            #expect(try await jobs.makeBackup(by: .system).copied == 1)
            #expect(try await jobs.drill(by: .system).ok)
        }
    }

    @Test(arguments: [2, 7, 30, 100, -1]) func `a changed bundle is refused`(offset: Int) async throws {
        try await Self.with { installation, _ in
            try Self.change(installation.keys + "/keys.fxk") { bytes in bytes[offset >= 0 ? offset : bytes.count + offset] ^= 1 }
            let failure = try await Self.refusal(installation)
            #expect("\(failure)".contains("/keys/keys.fxk"), "\(failure)")
        }
    }

    @Test func `an older bundle than the snapshot is refused`() async throws {
        try await Installation.with { installation in
            let jobs = try await installation.jobs()
            let old = try Data(contentsOf: URL(fileURLWithPath: installation.keys + "/keys.fxk"))
            installation.clock.advance(by: .seconds(40 * 86_400))
            try await installation.accept()
            let snapshot = try await jobs.makeBackup(by: .system).snapshot
            try old.write(to: URL(fileURLWithPath: installation.keys + "/keys.fxk"))
            #expect(try await Self.refusal(installation) == .staleBundle(installation.keys + "/keys.fxk", snapshot: snapshot))
        }
    }

    @Test func `other keys are refused and named`() async throws {
        try await Self.with { installation, _ in
            let other = KeyEncryptionKey()
            #expect(
                try await Self.refusal(installation, key: other)
                    == .wrongKey(expected: installation.key.id.rawValue, found: other.id.rawValue))
            let key = try BackupKey.create(at: installation.folder + "/other.key")
            #expect(
                try await Self.refusal(installation, backupKey: key)
                    == .wrongBackupKey(
                        file: installation.keys + "/keys.fxk", expected: installation.backupKey.id.rawValue, found: key.id.rawValue))
            // A key-encryption key's file is no backup key.
            _ = try KeyEncryptionKey.create(at: installation.folder + "/kek")
            #expect(throws: BackupFailure.notABackupKey(installation.folder + "/kek")) {
                _ = try BackupKey(contentsOf: installation.folder + "/kek")
            }
        }
    }

    @Test func `a bundle of another installation is refused`() async throws {
        try await Self.with { installation, _ in
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let other = try await Installation(folder: folder.path, key: installation.key, backupKey: installation.backupKey)
            defer { try? other.store.close() }
            other.clock.advance(by: .seconds(1000))
            _ = try await other.jobs()
            let bundle = installation.keys + "/keys.fxk"
            try FileManager.default.removeItem(atPath: bundle)
            try FileManager.default.copyItem(atPath: other.keys + "/keys.fxk", toPath: bundle)
            #expect(try await Self.refusal(installation) == .otherInstallation(bundle))
        }
    }

    /// Somebody with the backup key makes a snapshot that says something else of its ledger.
    @Test func `a manifest that does not fit its database is refused`() async throws {
        try await Self.with { installation, snapshot in
            let folder = BackupFolder(installation.backup)
            let name = try #require(try folder.names().last)
            let path = installation.folder + "/copy.db"
            let copy = try NewFile(at: path + ".new", calls: .system)
            let real = try SnapshotFile(opening: name, in: folder, key: installation.backupKey, database: copy)
            try copy.commit(as: path)
            func forge(_ change: (inout Manifest) -> Void) throws {
                var manifest = real.manifest
                change(&manifest)
                try SnapshotFile(manifest: manifest, blobs: real.blobs).write(
                    to: snapshot + ".new", as: name, database: path, key: installation.backupKey, calls: .system
                ).commit(as: snapshot)
            }
            try forge { $0.ledger.root = String(repeating: "0", count: 64) }
            guard case .ledgerDiffers = try await Self.refusal(installation) else { throw Unexpected() }
            try forge { $0.ledger.size += 1 }
            guard case .ledgerDiffers = try await Self.refusal(installation) else { throw Unexpected() }
            try forge { $0.databaseSHA256 = String(repeating: "0", count: 64) }
            #expect(try await Self.refusal(installation) == .damaged(snapshot, "the database in it is not the one of its manifest"))
            try forge { $0.version = 2 }
            #expect(try await Self.refusal(installation) == .unknownVersion(snapshot, 2))
            try forge { $0.ledger.key = "another" }
            #expect(try await Self.refusal(installation) == .ledgerKeyChanged("\(name)"))
            try forge { _ in }
            #expect(try await installation.restore(to: installation.folder + "/good").run().documents == 3)
        }
    }

    @Test func `folders that hold one another are refused`() async throws {
        try await Installation.with { installation in
            func jobs(backup: String, keys: String) async throws {
                try await BackupJobs(
                    BackupJobs.Plan(
                        dataFolder: installation.data, backupFolder: backup, keysFolder: keys, key: installation.backupKey,
                        rotation: Rotation(days: 1, months: 1)), store: installation.store, key: installation.key,
                    clock: installation.clock.function, logger: installation.logger
                ).prepare()
            }
            let (backup, keys) = (installation.backup, installation.keys)
            try await jobs(backup: backup, keys: keys)
            await #expect(throws: BackupFailure.notApart(backup, backup)) { try await jobs(backup: backup, keys: backup) }
            await #expect(throws: BackupFailure.self) { try await jobs(backup: backup, keys: backup + "/keys") }
            await #expect(throws: BackupFailure.self) { try await jobs(backup: keys + "/backup", keys: keys) }
            await #expect(throws: BackupFailure.self) { try await jobs(backup: installation.data + "/backup", keys: keys) }
            try FileManager.default.createSymbolicLink(atPath: installation.folder + "/link", withDestinationPath: backup)
            await #expect(throws: BackupFailure.self) { try await jobs(backup: backup, keys: installation.folder + "/link") }
        }
    }
}
