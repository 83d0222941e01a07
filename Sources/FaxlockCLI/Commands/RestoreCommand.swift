import ArgumentParser
import Backup
import FoundationEssentials
import Glibc
import KeyCustody
import ServerSettings
import Store
import Vault

/// `faxlock restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup into an empty data folder, on this machine and without a server.",
        discussion: """
            Everything is verified first: seals, every document's bytes, the whole audit ledger. Faxes that waited when the backup was made \
            are held as unknown, since they may have been sent after it: nothing is dialled by itself. docs/backup.md says what comes next.
            """)

    @Option(help: "The folder of backups (FAXLOCK_BACKUP_DIR), or a copy.") var from: String
    @Option(help: "The folder of the newest key bundle (FAXLOCK_BACKUP_KEYS_DIR), or a copy.") var keys: String
    @Option(help: "The backup key file (FAXLOCK_BACKUP_KEY_FILE).") var backupKey: String
    @Option(help: "The new data folder: empty, or not there.") var to: String
    @Option(help: "A snapshot by its name; the newest without this.") var snapshot: String?
    @Option(help: "The key file of the server (FAXLOCK_KEY_FILE); by default where serve would look for it.") var keyFile: String?
    @Option(help: "A former key file, for a bundle that was written while keys were rotated; may be repeated.") var retiredKeyFile:
        [String] = []
    @Flag(help: "Print the result as JSON.") var json = false

    func run() async throws {
        _ = umask(0o077)
        ProcessHardening.apply()
        do {
            show(try await restore())
        } catch let error as BackupFailure {
            throw CommandFailure(.refused, error.description)
        } catch let error as KeyFileError {
            throw CommandFailure(.configuration, error.description)
        } catch let error as CustodyError {
            throw CommandFailure(.configuration, error.description)
        } catch let error as DataFolder.Failure {
            throw CommandFailure(.configuration, error.description)
        } catch let error as StoreFailure {
            throw CommandFailure(.refused, error.description)
        } catch let error as LedgerRefusal {
            throw CommandFailure(.refused, error.description)
        } catch let error as Server.Refusal {
            throw CommandFailure(.configuration, error.message)
        }
    }

    private func restore() async throws -> RestoreReport {
        var name: SnapshotName?
        if let snapshot {
            name = SnapshotName(snapshot)
            guard name != nil else {
                throw CommandFailure(.refused, "\(snapshot) is no snapshot's name; they look like 20261122T083000Z-1.")
            }
        }
        var given = ["FAX_DATA_DIR": to]
        given["FAXLOCK_KEY_FILE"] = keyFile
        if !retiredKeyFile.isEmpty { given["FAXLOCK_RETIRED_KEY_FILES"] = retiredKeyFile.joined(separator: ",") }
        let settings: Settings
        do {
            settings = try Settings.load(commandLine: given, environment: SettingOptions.environment)
        } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
        let source = try KeyFile.source(settings)
        let restore = Restore(
            from: from, keys: keys, backupKey: try BackupKey(contentsOf: backupKey), key: try await source.key(),
            retired: try await source.retiredKeys(at: settings.retiredKeyFiles), to: settings.dataFolder, clock: SystemClock.now)
        return try await restore.run(name)
    }

    private func show(_ report: RestoreReport) {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return print((try? encoder.encode(report)).map { String(decoding: $0, as: UTF8.self) } ?? "")
        }
        print("restored snapshot \(report.snapshot) to \(to) in \(BackupCommand.text(report.seconds)) s")
        print("\(report.documents) documents, \(report.bytes) bytes; \(report.ledgerSize) events in the ledger, verified from the first")
        if report.shredded > 0 {
            print(
                "\(report.shredded) documents open nowhere any more: their keys were destroyed (\(report.destroyedEpochs.joined(separator: ", ")))"
            )
        }
        if report.missing > 0 { print("\(report.missing) documents had lost their files before the backup") }
        if report.held > 0 { print("\(report.held) faxes are held as unknown: ask the recipients before you send them again") }
        print("\(report.activeKeys) API keys are good now; revoke again those that were revoked after the backup")
        print("The first start may need --accept-ledger-rollback REFERENCE: the ledger is as long as it was when the backup was made.")
    }
}
