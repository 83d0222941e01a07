import ArgumentParser
import Glibc
import KeyCustody
import NIOCore
import ServerSettings
import Store
import Vault

/// `faxlock serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the fax server.",
        discussion: """
            Settings come from these options, the environment, a JSON file (--config) and defaults, in this order; \
            `faxlock config` lists them all. The first start makes the data folder and the key file and says so.
            """)

    @OptionGroup var options: SettingOptions
    @Option(help: "Start once although the audit ledger is shorter than it was: an incident's reference, which is recorded.")
    var acceptLedgerRollback: String?

    func run() async throws {
        let settings = try options.load()
        do {
            try await Server(settings: settings, acceptedRollback: acceptLedgerRollback).run()
        } catch let error as DataFolder.Failure {
            throw CommandFailure(.configuration, error.description)
        } catch let error as StoreFailure {
            throw CommandFailure(.configuration, error.description)
        } catch let error as LedgerRefusal {
            throw CommandFailure(.configuration, error.description)
        } catch let error as CustodyError {
            throw CommandFailure(.configuration, error.description)
        } catch let error as KeyFileError {
            throw CommandFailure(.configuration, error.description)
        } catch let error as Server.Refusal {
            throw CommandFailure(.configuration, error.message)
        } catch let error as IOError {
            throw CommandFailure(
                .configuration,
                "Cannot listen on \(settings.host) port \(settings.port): \(String(cString: strerror(error.errnoCode))). "
                    + "Set --host and --port (FAXLOCK_HOST, FAXLOCK_PORT).")
        }
    }
}

/// The settings that have an option of their own.
struct SettingOptions: ParsableArguments {
    @Option(help: "Address to listen on.") var host: String?
    @Option(help: "TCP port to listen on; 0 for any that is free.") var port: Int?
    @Option(help: "Folder of the database and the sealed documents.") var data: String?
    @Option(help: "JSON file of settings.") var config: String?

    /// - Throws: ``CommandFailure`` that names every wrong setting.
    func load() throws -> Settings {
        var given: [String: String] = [:]
        given["FAXLOCK_HOST"] = host
        given["FAXLOCK_PORT"] = port.map { String($0) }
        given["FAX_DATA_DIR"] = data
        given["FAXLOCK_CONFIG"] = config
        do {
            return try Settings.load(commandLine: given, environment: Self.environment)
        } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
    }

    /// The environment of this process, less what the command's client side uses.
    static var environment: [String: String] {
        var values: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let text = String(cString: pointer)
            if let equals = text.firstIndex(of: "=") {
                values[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        for name in APIClient.variables { values[name] = nil }
        #if DEBUG
            values[CrashPoint.variable] = nil
        #endif
        return values
    }
}
