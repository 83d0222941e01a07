import ServerSettings

/// Files of a test, by path.
func files(_ contents: [String: String] = [:]) -> SettingFiles {
    SettingFiles(
        readFile: { path in contents[path].map { Array($0.utf8) } },
        hasTimeZone: { ["America/Chicago", "Europe/Paris"].contains($0) })
}

/// The lines of the error that loading throws; none if it throws none.
func problems(
    commandLine: [String: String] = [:], environment: [String: String] = [:], files: SettingFiles = files()
) -> [String] {
    do throws(SettingsError) {
        _ = try Settings.load(commandLine: commandLine, environment: environment, files: files)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}
