/// All that is wrong with the settings, at once.
package struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One setting that is wrong. The value itself is not in it: it may be a secret in the wrong place.
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        package let name: String
        package let source: SettingSource
        /// What is expected instead, or what is wrong.
        package let message: String

        package var description: String { "\(name) (\(source)): \(message)" }
    }

    /// At least one.
    package let problems: [Problem]

    /// One line a problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
