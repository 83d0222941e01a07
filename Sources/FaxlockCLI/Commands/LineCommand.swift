import ArgumentParser
import Backends
import FaxModel
import Logging
import SIP
import ServerSettings

/// `faxlock line`.
struct LineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "line", abstract: "Look at the SIP trunks.", subcommands: [LineCheckCommand.self, LineListCommand.self])
}

/// `faxlock line list`.
struct LineListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the trunks of FAXLOCK_TRUNKS_FILE.")

    @OptionGroup var options: SettingOptions

    func run() throws {
        for trunk in try LineCommand.trunks(options) {
            let transport = (trunk.server.transport ?? .udp).rawValue
            print("\(trunk.name)  \(trunk.server.host) \(transport)  \(trunk.numbers.map(\.masked).joined(separator: " "))")
        }
    }
}

/// `faxlock line check`.
struct LineCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask a trunk whether it knows us and what it can; with --call, send a test page.",
        discussion: "The server may be running meanwhile: neither its port nor its registration is touched.")

    @Argument(help: "The trunk's name.") var trunk: String
    @Option(help: "Call this number and send one test page to it.") var call: String?
    @OptionGroup var options: SettingOptions

    func run() async throws {
        let trunks = try LineCommand.trunks(options)
        guard let trunk = trunks.first(where: { $0.name == self.trunk }) else {
            throw CommandFailure(
                .configuration, "There is no trunk \(self.trunk). The file has: \(trunks.map(\.name).joined(separator: ", ")).")
        }
        var number: PhoneNumber?
        if let call {
            guard let parsed = PhoneNumber(call) else {
                throw CommandFailure(.refused, "--call needs a number: an optional + and 6 to 20 digits.")
            }
            number = parsed
        }
        var logger = Logger(label: "faxlock") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let check = LineCheck(
            trunk: trunk, stationIdentifier: try options.load().localStationID, worker: try LineCommand.worker(), logger: logger)
        do {
            guard try await check.run(calling: number) else { throw ExitCode(CommandFailure.Status.failed.rawValue) }
        } catch let failure as TrunkFailure {
            throw CommandFailure(.configuration, "\(failure)")
        }
    }
}

extension LineCommand {
    /// The trunks of the settings.
    fileprivate static func trunks(_ options: SettingOptions) throws -> [Trunk] {
        guard let file = try options.load().trunksFile else {
            throw CommandFailure(.configuration, "There is no trunk: set FAXLOCK_TRUNKS_FILE.")
        }
        do throws(TrunkFileError) {
            return try TrunkFile.read(file)
        } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
    }

    fileprivate static func worker() throws -> String {
        do {
            return try WorkerExecutables().line
        } catch let refusal as Server.Refusal {
            throw CommandFailure(.configuration, refusal.message)
        }
    }
}
