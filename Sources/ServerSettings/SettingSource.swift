/// Where a value came from. A later case of the order command line, environment, file, default yields to an earlier one.
package enum SettingSource: Sendable, Hashable, CustomStringConvertible {
    case commandLine
    case environment
    /// A file that `NAME_FILE` in the environment names.
    case environmentFile(variable: String, path: String)
    /// The JSON file of settings.
    case file(path: String)
    case builtIn

    package var description: String {
        switch self {
        case .commandLine: "command line"
        case .environment: "environment"
        case .environmentFile(let variable, let path): "\(path) (\(variable))"
        case .file(let path): path
        case .builtIn: "default"
        }
    }
}

/// A line of `faxlock config`.
package struct EffectiveSetting: Sendable, Hashable {
    package let name: String
    /// The value as text; a secret is ``Secret/redacted``, an absent value is empty.
    package let value: String
    package let source: SettingSource
    /// False: known, given, and without effect in this version.
    package let isUsed: Bool
}
