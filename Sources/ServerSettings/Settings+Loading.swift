extension Settings {
    /// Reads all settings: what the command line says goes before the environment, that before the file, that before the default.
    ///
    /// In each source an empty value is as if the name were not there (`NAME=` in an `.env` file). In the environment
    /// `NAME_FILE` may name a file with the value of a text or secret, whose blanks and line ends around it are dropped.
    ///
    /// - Parameters:
    ///   - commandLine: values by name; `FAXLOCK_CONFIG` here or in the environment names the JSON file.
    ///   - environment: all of the process. Names that are not ours are ignored, but those that begin with `FAXLOCK_`.
    /// - Throws: everything that is wrong, in every source, also where a value has no effect because another goes before it.
    package static func load(
        commandLine: [String: String] = [:], environment: [String: String], files: SettingFiles = .live
    ) throws(SettingsError) -> Settings {
        var loader = SettingsLoader(commandLine: commandLine, environment: environment, files: files)
        return try loader.load()
    }
}

/// One reading of the settings: collects what is wrong and goes on.
private struct SettingsLoader {
    private struct Candidate {
        let text: String
        let source: SettingSource
    }

    private let commandLine: [String: String]
    private let environment: [String: String]
    private let files: SettingFiles
    private let definitions = Settings.table + Settings.unusedTable
    private var fileValues: [String: String?] = [:]
    private var fileSource = SettingSource.builtIn
    private var problems: [SettingsError.Problem] = []

    init(commandLine: [String: String], environment: [String: String], files: SettingFiles) {
        self.commandLine = commandLine.filter { !$0.value.isEmpty }
        self.environment = environment.filter { !$0.value.isEmpty }
        self.files = files
    }

    mutating func load() throws(SettingsError) -> Settings {
        readFile()
        reportUnknownNames()
        var settings = Settings()
        for definition in definitions {
            var source: SettingSource?
            var text = ""
            // The one that goes before all others is applied last.
            for candidate in candidates(for: definition).reversed() {
                guard definition.apply(candidate.text, &settings) else {
                    report(definition.name, candidate.source, "expected \(definition.expected)")
                    continue
                }
                if definition.name == "FAXLOCK_TIME_ZONE", candidate.text != "UTC", !files.hasTimeZone(candidate.text) {
                    report(definition.name, candidate.source, "expected \(definition.expected)")
                }
                source = candidate.source
                text = candidate.text
                if definition.isSecret { settings.secrets[definition.name] = Secret(candidate.text) }
            }
            if definition.isUsed {
                // Values that follow from others (the key file from the data folder) are known only at the end.
                settings.effective.append(
                    EffectiveSetting(name: definition.name, value: "", source: source ?? .builtIn, isUsed: true))
            } else if let source {
                settings.effective.append(
                    EffectiveSetting(
                        name: definition.name, value: definition.isSecret ? Secret.redacted : text, source: source,
                        isUsed: false))
            }
        }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        let texts = Dictionary(uniqueKeysWithValues: Settings.table.map { ($0.name, $0.text(settings)) })
        settings.effective = settings.effective.map { line in
            EffectiveSetting(
                name: line.name, value: texts[line.name] ?? line.value, source: line.source, isUsed: line.isUsed)
        }
        return settings
    }

    private mutating func report(_ name: String, _ source: SettingSource, _ message: String) {
        problems.append(.init(name: name, source: source, message: message))
    }

    private mutating func readFile() {
        let name = Settings.configurationFileName
        guard let path = commandLine[name] ?? environment[name] else { return }
        fileSource = .file(path: path)
        guard let bytes = files.readFile(path) else {
            report(name, commandLine[name] == nil ? .environment : .commandLine, "cannot read \(path)")
            return
        }
        guard let values = ConfigurationFile.parse(bytes) else {
            report(name, fileSource, "expected one JSON object, {\"NAME\": value, ...}")
            return
        }
        fileValues = values.filter { $0.value != .some("") }
        if fileValues.removeValue(forKey: name) != nil {
            report(name, fileSource, "expected on the command line or in the environment only")
        }
    }

    private mutating func reportUnknownNames() {
        let known = Set(definitions.map(\.name))
        let message = "there is no setting of this name"
        for name in commandLine.keys.sorted() where !known.contains(name) { report(name, .commandLine, message) }
        for name in fileValues.keys.sorted() where !known.contains(name) { report(name, fileSource, message) }
        let fileNames = Set(definitions.filter(\.acceptsFile).map { $0.name + "_FILE" })
        for name in environment.keys.sorted() where name.hasPrefix("FAXLOCK_") {
            if !known.contains(name), !fileNames.contains(name) { report(name, .environment, message) }
        }
    }

    /// The values given for a setting, the one that counts first.
    private mutating func candidates(for definition: SettingDefinition) -> [Candidate] {
        var result: [Candidate] = []
        if let text = commandLine[definition.name] {
            result.append(Candidate(text: text, source: .commandLine))
        }
        if let text = environment[definition.name] {
            result.append(Candidate(text: text, source: .environment))
        }
        let variable = definition.name + "_FILE"
        if definition.acceptsFile, let path = environment[variable] {
            if environment[definition.name] != nil {
                report(variable, .environment, "expected either \(definition.name) or \(variable), not both")
            } else if let text = textOfFile(path) {
                result.append(Candidate(text: text, source: .environmentFile(variable: variable, path: path)))
            } else {
                report(variable, .environment, "expected the path of a file with one value in it")
            }
        }
        switch fileValues[definition.name] {
        case .some(.some(let text)): result.append(Candidate(text: text, source: fileSource))
        case .some(.none):
            report(definition.name, fileSource, "expected \(definition.expected), not null, a list or an object")
        case .none: break
        }
        return result
    }

    /// Nil if the file cannot be read, is not UTF-8 or holds nothing but blanks.
    private func textOfFile(_ path: String) -> String? {
        guard let bytes = files.readFile(path), let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let start = text.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return nil }
        return String(start[...last])
    }
}
