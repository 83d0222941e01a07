import ArgumentParser
import FoundationEssentials
import ServerSettings

/// `faxlock config`: what the server would run with, and where each value comes from.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the effective settings with their sources; secrets are redacted.")

    @OptionGroup var options: SettingOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Line: Encodable {
        let name: String
        let value: String
        let source: String
        let used: Bool
    }

    func run() throws {
        let settings = try options.load()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            let lines = settings.effective.map {
                Line(name: $0.name, value: $0.value, source: "\($0.source)", used: $0.isUsed)
            }
            print(String(decoding: try encoder.encode(lines), as: UTF8.self))
            return
        }
        let width = settings.effective.map(\.name.count).max() ?? 0
        for setting in settings.effective {
            let name = setting.name + String(repeating: " ", count: width - setting.name.count)
            let note = setting.isUsed ? "" : ", not used by this version"
            print("\(name)  \(setting.value.isEmpty ? "-" : setting.value)  (\(setting.source)\(note))")
        }
    }
}
