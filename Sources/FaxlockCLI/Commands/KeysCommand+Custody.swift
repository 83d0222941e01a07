import ArgumentParser
import KeyCustody
import ServerSettings
import Vault

/// The keys that seal and sign, beside those of the API.
extension KeysCommand {
    struct Rewrap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put all wrapped keys under the current key file; goes on where a stop cut it. The same as `rotate` without an id.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Result: Decodable {
            let key: String
            let rewrapped: Int
            let remaining: Int
        }

        func run() async throws {
            try await APIClient.use { client in try await Self.run(client, json: json) }
        }

        static func run(_ client: APIClient, json: Bool) async throws {
            let answer = try await client.call(.post, "/admin/keys/rewrap")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            let result = try client.decode(Result.self, answer)
            print("\(result.rewrapped) keys rewrapped by key \(result.key), \(result.remaining) remaining")
            if result.remaining == 0 { print("Former key files are no longer needed: take them out of FAXLOCK_RETIRED_KEY_FILES.") }
        }
    }

    struct NewFile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new-file", abstract: "Make a new key file, to go over to with FAXLOCK_KEY_FILE.",
            discussion: "With FAXLOCK_KEY_CUSTODIAN the custodian wraps it. The file must not exist; it gets mode 0600.")

        @Argument(help: "The file.", completion: .file()) var path: String
        @Option(help: "JSON file of settings.") var config: String?

        func run() async throws {
            var options = try SettingOptions.parse([])
            options.config = config
            let settings = try options.load()
            do {
                let key = try await KeyFile.source(settings, at: path).makeKey()
                print("key \(key.id)\nKeep a copy of \(path) apart from the data folder and its backups.")
            } catch let refusal as Server.Refusal {
                throw CommandFailure(.configuration, refusal.message)
            } catch {
                throw CommandFailure(.configuration, "\(error)")
            }
        }
    }

    struct RotateLedger: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-ledger",
            abstract: "Give the audit ledger a new signing key, for which the old one vouches in the ledger.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Result: Decodable {
            let key: String
        }

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.post, "/admin/keys/rotate-ledger")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                print(
                    "\(try client.decode(Result.self, answer).key)\nKeep it beside the ledger's first key: verifying begins with that one.")
            }
        }
    }
}
