import Foundation
import NIOHTTP1
import Testing

extension EndToEnd {
    /// Backup, drill and restore as an operator does them, and a power cut in the middle.
    @Suite struct BackupTests {
        private static let number = "+15551230148"
        private static let marker = "Sandalwood"

        private static func settings(_ folder: TemporaryFolder) async throws -> [String: String] {
            let key = "\(folder.path)/backup.key"
            if !FileManager.default.fileExists(atPath: key) {
                let made = try await Command.faxlock("backup", "new-key", key)
                try #require(made.status == 0, "\(made.complaints)")
            }
            return [
                "FAXLOCK_BACKUP_DIR": "\(folder.path)/backups", "FAXLOCK_BACKUP_KEYS_DIR": "\(folder.path)/keys",
                "FAXLOCK_BACKUP_KEY_FILE": key, "FAXLOCK_BACKUP_INTERVAL_HOURS": "0", "FAXLOCK_KEY_FILE": "\(folder.path)/faxlock.key",
            ]
        }

        private static func faxlock(_ server: ServerProcess, _ arguments: String...) async throws -> Command {
            try await Command.run(
                BuiltProducts.faxlock, arguments, environment: ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": ServerProcess.key])
        }

        private static func restore(_ folder: TemporaryFolder, to data: String) async throws -> Command {
            try await Command.faxlock(
                "restore", "--from", "\(folder.path)/backups", "--keys", "\(folder.path)/keys", "--backup-key", "\(folder.path)/backup.key",
                "--to", data, "--key-file", "\(folder.path)/faxlock.key")
        }

        @Test func whatWasBackedUpIsThereAfterTheLossOfEverythingElse() async throws {
            try await TemporaryFolder.with { folder in
                let settings = try await Self.settings(folder)
                let delivered = try await ServerProcess.with(folder, settings: settings) { server in
                    let fax = try await server.client.send(
                        SampleDocuments.pdf(pages: 2) { _ in ["\(Self.marker) in a PDF"] }, to: Self.number)
                    #expect(try await server.client.end(of: fax.id).status == "SUCCESS")
                    _ = try await server.client.receivedFax(of: fax.id)

                    let backup = try await Self.faxlock(server, "backup")
                    #expect(backup.status == 0 && backup.output.contains("snapshot "), "\(backup.output) \(backup.complaints)")
                    let drill = try await Self.faxlock(server, "backup", "drill")
                    #expect(drill.status == 0 && drill.output.contains("0 differences"), "\(drill.output) \(drill.complaints)")
                    #expect(drill.output.contains("h of at most 48") && drill.output.contains("most 72"))
                    return (fax.id, try await server.client.transmittedPDF(of: fax.id))
                }
                for part in ["backups", "keys"] { #expect(try Self.clearText(in: "\(folder.path)/\(part)") == []) }
                try FileManager.default.removeItem(atPath: "\(folder.path)/data")

                let data = "\(folder.path)/restored"
                let restored = try await Self.restore(folder, to: data)
                #expect(restored.status == 0 && restored.output.contains("restored snapshot"), "\(restored.output) \(restored.complaints)")
                let again = try await Self.restore(folder, to: data)
                #expect(again.status == 2 && again.complaints.contains("is not empty"))
                try await ServerProcess.with(folder, data: data, settings: settings) { server in
                    #expect(try await server.client.fax(delivered.0).status == "SUCCESS")
                    // The same pages; the time of its making is in a PDF.
                    #expect(try await server.client.transmittedPDF(of: delivered.0).count == delivered.1.count)
                    let next = try await server.client.send(SampleDocuments.text("After the restore"), to: "+15551230149")
                    #expect(try await server.client.end(of: next.id).status == "SUCCESS")
                }
            }
        }

        @Test func nothingThatWaitedIsDialledAfterARestore() async throws {
            try await TemporaryFolder.with { folder in
                let settings = try await Self.settings(folder)
                let paced = settings.merging(ServerProcess.paced) { $1 }.merging(["FAXLOCK_LINES": "1"]) { $1 }
                let ids = try await ServerProcess.with(folder, settings: paced) { server in
                    var ids: [String] = []
                    for index in 0..<4 {
                        ids.append(try await server.client.send(SampleDocuments.text("Waits \(index)"), to: "+1555123015\(index)").id)
                    }
                    _ = try await server.client.fax(ids[0], "the call is in progress") { $0.isTalking }
                    #expect(try await Self.faxlock(server, "backup").status == 0)
                    return ids
                }
                let data = "\(folder.path)/restored"
                let restored = try await Self.restore(folder, to: data)
                #expect(restored.output.contains("4 faxes are held as unknown"), "\(restored.output) \(restored.complaints)")
                try await ServerProcess.with(folder, data: data, settings: settings) { server in
                    let other = try await server.client.send(SampleDocuments.text("Another"), to: "+15551230159")
                    #expect(try await server.client.end(of: other.id).status == "SUCCESS")
                    for id in ids {
                        let fax = try await server.client.fax(id)
                        #expect(fax.state == "unknown" && fax.error?.contains("restored from a backup") == true)
                    }
                    for index in 0..<4 { #expect(try await server.client.received(at: "+1555123015\(index)").isEmpty) }
                }
            }
        }

        @Test func theServerMakesBackupsByItself() async throws {
            try await TemporaryFolder.with { folder in
                let settings = try await Self.settings(folder).merging(["FAXLOCK_BACKUP_INTERVAL_HOURS": "1"]) { $1 }
                try await ServerProcess.with(folder, settings: settings) { server in
                    _ = try await eventually("the first backup is made") { server.log.contains("backup made") ? true : nil }
                }
                let snapshots = { try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/backups/snapshots") }
                #expect(try snapshots().count == 1)
                // The next start finds it young enough.
                try await ServerProcess.with(folder, settings: settings) { server in
                    let fax = try await server.client.send(SampleDocuments.text("Hello"), to: "+15551230149")
                    #expect(try await server.client.end(of: fax.id).status == "SUCCESS")
                }
                #expect(try snapshots().count == 1)
            }
        }

        /// kill -9 at eight moments of a backup, while faxes come in: nothing accepted is lost, and no half snapshot is seen.
        @Test func killsInMidBackupLoseNothing() async throws {
            var random = SeededRandom(seed: 7)
            let moments = (0..<8).map { _ in Int.random(in: 0...120, using: &random) }
            try await TemporaryFolder.with { folder in
                let settings = try await Self.settings(folder).merging(["FAX_DISABLED": "true"]) { $1 }
                let accepted = Accepted()
                for milliseconds in moments {
                    let server = try await ServerProcess.start(folder, settings: settings)
                    for index in 0..<10 { await accepted.send(through: server.client, "Before \(index)") }
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask { _ = try? await server.client.call(.POST, "/admin/backup") }
                        group.addTask { for index in 0..<20 { await accepted.send(through: server.client, "During \(index)") } }
                        try? await Task.sleep(for: .milliseconds(milliseconds))
                        try? await server.kill()
                    }
                }
                try await ServerProcess.with(folder, settings: settings) { server in
                    for id in await accepted.ids { #expect(try await server.client.fax(id).state == "disabled") }
                    #expect(await accepted.ids.count >= 80)
                    #expect(try Self.unfinished(server.dataFolder) == [])
                    let backup = try await Self.faxlock(server, "backup")
                    #expect(backup.status == 0, "\(backup.complaints)")
                    #expect(try Self.unfinished(folder.path) == [])
                    let drill = try await Self.faxlock(server, "backup", "drill")
                    #expect(drill.status == 0, "\(drill.output) \(drill.complaints)")
                }
                // Whatever snapshots the kills left, each can be restored.
                let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/backups/snapshots")
                for name in names.map({ $0.dropLast(4) }) {
                    let restored = try await Command.faxlock(
                        "restore", "--from", "\(folder.path)/backups", "--keys", "\(folder.path)/keys", "--backup-key",
                        "\(folder.path)/backup.key", "--to", "\(folder.path)/restored-\(name)", "--key-file", "\(folder.path)/faxlock.key",
                        "--snapshot", String(name))
                    #expect(restored.status == 0, "\(name): \(restored.complaints)")
                }
            }
        }

        @Test func incompleteSettingsAreRefusedAndABackupNeedsThem() async throws {
            try await TemporaryFolder.with { folder in
                let data = "\(folder.path)/data"
                let refused = try await Command.faxlock(
                    "serve", "--port", "0", "--data", data,
                    environment: ["API_KEY": ServerProcess.key, "FAXLOCK_BACKUP_DIR": "\(folder.path)/backups"])
                #expect(refused.status == 78 && refused.complaints.contains("FAXLOCK_BACKUP_KEYS_DIR"), "\(refused.complaints)")
                var settings = try await Self.settings(folder)
                settings["FAXLOCK_BACKUP_KEYS_DIR"] = "\(folder.path)/backups/keys"
                settings["API_KEY"] = ServerProcess.key
                try FileManager.default.createDirectory(atPath: "\(folder.path)/backups", withIntermediateDirectories: false)
                let nested = try await Command.faxlock("serve", "--port", "0", "--data", data + "2", environment: settings)
                #expect(nested.status == 78 && nested.complaints.contains("must be apart"), "\(nested.complaints)")
                try await ServerProcess.with(folder) { server in
                    let none = try await Self.faxlock(server, "backup")
                    #expect(none.status == 2 && none.complaints.contains("No backups are set up"), "\(none.complaints)")
                }
            }
        }

        /// Files that only an interrupted backup, drill or restore has.
        private static func unfinished(_ folder: String) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
                ["partial", ".fxk.", "backups/incoming/"].contains { path.contains($0) }
            }
        }

        private static func clearText(in folder: String) throws -> [String] {
            let patterns: [(String, Data)] = [
                ("PDF", Data("%PDF".utf8)), ("TIFF", Data([0x49, 0x49, 0x2A, 0])), ("TIFF", Data([0x4D, 0x4D, 0, 0x2A])),
                ("the number", Data("5551230148".utf8)), ("the sender", Data("Quillfeather".utf8)), (marker, Data(marker.utf8)),
                ("a database", Data("SQLite format".utf8)),
            ]
            return try FileManager.default.subpathsOfDirectory(atPath: folder).flatMap { path -> [String] in
                guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)") else { return [] }
                return patterns.filter { bytes.range(of: $0.1) != nil }.map { "\(path): \($0.0)" }
            }
        }
    }
}

/// What the server said that it has.
private actor Accepted {
    private(set) var ids: [String] = []

    func send(through client: GatewayClient, _ text: String) async {
        guard let answer = try? await client.submit(SampleDocuments.text(text), to: "+15551230150"), answer.status == 202,
            let fax = try? answer.decode(Fax.self)
        else { return }
        ids.append(fax.id)
    }
}
