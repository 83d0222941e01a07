import ArgumentParser
import Backup
import Vault

/// `faxlock backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Make a backup, or prove that the newest one can be restored.",
        subcommands: [Make.self, Drill.self, NewKey.self], defaultSubcommand: Make.self)

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make", abstract: "Make a backup now, while faxes go on (the default).",
            discussion: "The server makes one by itself every FAXLOCK_BACKUP_INTERVAL_HOURS.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Report: Decodable {
            let snapshot: String
            let documents: Int
            let bytes: Int
            let copied: Int
            let copied_bytes: Int
            let shredded: Int
            let missing: Int
            let ledger_size: Int64
            let removed_snapshots: Int
            let removed_blobs: Int
            let seconds: Double
        }

        func run() async throws {
            let missing = try await APIClient.use { client in
                let answer = try await client.call(.post, "/admin/backup")
                let report = try client.decode(Report.self, answer)
                if json {
                    print(String(decoding: answer, as: UTF8.self))
                } else {
                    print("snapshot \(report.snapshot) in \(BackupCommand.text(report.seconds)) s")
                    print(
                        "\(report.documents) documents, \(report.bytes) bytes sealed; \(report.copied) copied now (\(report.copied_bytes) bytes), "
                            + "\(report.shredded) shredded meanwhile; \(report.ledger_size) events in the ledger")
                    print("\(report.removed_snapshots) old snapshots and \(report.removed_blobs) blobs removed")
                }
                return report.missing
            }
            guard missing == 0 else {
                throw CommandFailure(.failed, "\(missing) documents are not in the data folder, and should be: faxlock fsck names them.")
            }
        }
    }

    struct Drill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Restore the newest backup to an empty folder, open every document, compare, and remove the folder.",
            discussion: "Exit status 0 if all came back to the byte, 1 if anything differs.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Report: Decodable {
            let ok: Bool
            let snapshot: String
            let documents: Int
            let bytes: Int
            let ledger_size: Int64
            let differences: [String]
            let difference_count: Int
            let age_hours: Double
            let restore_seconds: Double
            let seconds: Double
        }

        func run() async throws {
            let isGood = try await APIClient.use { client in
                let answer = try await client.call(.post, "/admin/backup/drill")
                let report = try client.decode(Report.self, answer)
                if json {
                    print(String(decoding: answer, as: UTF8.self))
                    return report.ok
                }
                for difference in report.differences { print("differs: \(difference)") }
                print(
                    "snapshot \(report.snapshot): \(report.documents) documents opened and compared, \(report.bytes) bytes; "
                        + "\(report.ledger_size) events of the ledger hashed; \(report.difference_count) differences")
                print("age      \(BackupCommand.text(report.age_hours)) h of at most \(Int(DrillReport.largestAgeHours))")
                print(
                    "restore  \(BackupCommand.text(report.restore_seconds)) s (\(BackupCommand.text(report.restore_seconds / 3600)) h of at "
                        + "most \(Int(DrillReport.largestRestoreHours))), with the reading of every document \(BackupCommand.text(report.seconds)) s"
                )
                return report.ok
            }
            guard isGood else { throw CommandFailure(.failed, "The newest backup does not bring everything back.") }
        }
    }

    struct NewKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new-key", abstract: "Make the key file that seals backups. It is never overwritten.")

        @Argument(help: "Where; best not on the volume of the backups. Keep a copy offline: without it no backup opens.") var path: String

        func run() throws {
            do {
                print("Made the backup key \(try BackupKey.create(at: path).id) in \(path). Keep a copy offline.")
            } catch let error as KeyFileError {
                throw CommandFailure(.refused, error.description)
            }
        }
    }

    /// Two digits after the point.
    static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
