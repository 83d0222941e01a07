import ArgumentParser
import Foundation
import Glibc

/// The `faxlock` command.
@main
struct Faxlock: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "faxlock",
        abstract: "A self-hosted fax server: sends and receives real faxes, seals every page, and tells the truth about delivery.",
        version: version,
        subcommands: [
            ServeCommand.self, SendCommand.self, StatusCommand.self, ListCommand.self, WatchCommand.self, AttemptsCommand.self,
            CancelCommand.self, ResendCommand.self, ReleaseCommand.self, ReconcileCommand.self, InboxCommand.self, PDFCommand.self,
            KeysCommand.self, PeopleCommand.self, EmergencyCommand.self, MailboxesCommand.self, HoldCommand.self, RetentionCommand.self,
            FsckCommand.self, LineCommand.self, StatsCommand.self, QueueCommand.self, RecipientsCommand.self, WebhooksCommand.self,
            BackupCommand.self, RestoreCommand.self, AuditCommand.self, AssociatesCommand.self, DoctorCommand.self, ConfigCommand.self,
        ])

    static func main() async {
        // A peer that goes away in mid-write is an error of that write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            FileHandle.standardError.write(Data("faxlock: \(failure.message)\n".utf8))
            Glibc.exit(failure.status.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}
