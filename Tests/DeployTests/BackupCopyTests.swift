import FoundationEssentials
import Testing

/// deploy/backup/copy-backups.sh, run on small folders.
@Suite(.timeLimit(.minutes(10))) struct BackupCopyTests {
    private func copy(_ folder: TemporaryFolder, days: String? = nil) async throws -> Program.Result {
        try await Program.shell.run(
            ["\(Deploy.folder)/backup/copy-backups.sh", "\(folder.path)/from", "\(folder.path)/to"] + (days.map { [$0] } ?? []))
    }

    @Test func copiesWhatIsNew() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("manifest", to: "from/2026-11-22/manifest")
            try folder.write("sealed", to: "from/blobs/ab/1")
            let first = try await copy(folder)
            #expect(first.status == 0 && first.output == "2 copied, 0 removed\n", "\(first.text)")
            #expect(try folder.text("to/2026-11-22/manifest") == "manifest")
            #expect(try folder.text("to/blobs/ab/1") == "sealed")
            let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/to/blobs/ab/1")[.posixPermissions] as? Int
            #expect(mode == 0o600)
            try folder.write("later", to: "from/2026-11-23/manifest")
            #expect(try await copy(folder).output == "1 copied, 0 removed\n")
            #expect(try await copy(folder).output == "0 copied, 0 removed\n")
        }
    }

    /// Whoever overwrites a backup does not get at the copy that was made before.
    @Test func keepsWhatChanged() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("good", to: "from/backup")
            _ = try await copy(folder)
            try folder.write("encrypted by a thief", to: "from/backup")
            #expect(try await copy(folder).status == 0)
            #expect(try folder.text("to/backup") == "encrypted by a thief")
            #expect(try folder.text("to/backup.~1~") == "good")
        }
    }

    /// What is gone at the source stays for the days, then goes; what came back counts anew.
    @Test func followsTheRotationLater() async throws {
        try await TemporaryFolder.with { folder in
            for name in ["old", "new", "again"] { try folder.write(name, to: "from/\(name)") }
            _ = try await copy(folder)
            for name in ["old", "again"] { try FileManager.default.removeItem(atPath: "\(folder.path)/from/\(name)") }
            #expect(try await copy(folder, days: "35").output == "0 copied, 0 removed\n")
            #expect(folder.exists("to/old") && folder.exists("to/.gone/old") && folder.exists("to/.gone/again"))
            for name in ["old", "again"] { try age(folder, "to/.gone/\(name)", days: 37) }
            try folder.write("again", to: "from/again")
            #expect(try await copy(folder, days: "35").output.hasSuffix("1 removed\n"))
            #expect(!folder.exists("to/old") && folder.exists("to/new") && folder.exists("to/again") && !folder.exists("to/.gone/again"))
        }
    }

    private func age(_ folder: TemporaryFolder, _ name: String, days: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)], ofItemAtPath: "\(folder.path)/\(name)")
    }

    /// A folder that is empty or not there means a fault, not that all copies may go.
    @Test func removesNothingWithoutASource() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("good", to: "to/backup")
            try folder.write("", to: "to/.gone/backup")
            try age(folder, "to/.gone/backup", days: 400)
            #expect(try await copy(folder).status != 0)
            try FileManager.default.createDirectory(atPath: "\(folder.path)/from", withIntermediateDirectories: false)
            let result = try await copy(folder)
            #expect(result.status == 66 && result.complaints.contains("holds no backup"))
            #expect(folder.exists("to/backup"))
        }
    }

    @Test(arguments: ["", "-1", "all"]) func refusesDaysThatAreNone(days: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("good", to: "from/backup")
            #expect(try await copy(folder, days: days).status == 64)
            #expect(!folder.exists("to"))
        }
    }
}
