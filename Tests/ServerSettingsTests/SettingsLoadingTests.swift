import FaxModel
import ServerSettings
import Testing

@Suite struct SettingsLoadingTests {
    @Test func defaultsAreThoseOfTheContract() throws {
        let settings = try Settings.load(environment: ["PATH": "/bin"], files: files())
        #expect(settings.apiKey == nil)
        #expect(settings.requiresAPIKey)
        #expect(settings.host == "127.0.0.1" && settings.port == 8080)
        #expect(settings.publicURL == "http://127.0.0.1:8080")
        #expect(settings.backend == .line)
        #expect(!settings.isFaxDisabled && !settings.isInboundEnabled)
        #expect(settings.headerName == nil && settings.localStationID == nil)
        #expect(settings.dataFolder == "./faxlock-data" && settings.keyFile == "./faxlock-data.key")
        #expect(settings.maximumFileBytes == 100 << 20)
        #expect(settings.pdfTokenLifetime == .seconds(3600))
        #expect(settings.paper == .letter && settings.resolution == .fine && settings.timeZone == "UTC")
        #expect(settings.maximumPages == 2000 && settings.renderers == 1 && settings.lines == 4)
        #expect(settings.hasLoopbackExchange && settings.isLoopbackUnpaced)
        #expect(settings.logLevel == .info)
        #expect(settings.effective.count == Settings.table.count)
        #expect(settings.effective.allSatisfy { $0.source == .builtIn })
    }

    @Test func commandLineGoesBeforeEnvironmentBeforeFile() throws {
        let file = #"{"FAXLOCK_PORT": 1, "FAXLOCK_LINES": 2, "FAX_HEADER": "Clinic", "FAX_DISABLED": true}"#
        let settings = try Settings.load(
            commandLine: ["FAXLOCK_PORT": "3", "FAXLOCK_CONFIG": "/c.json"],
            environment: ["FAXLOCK_PORT": "4", "FAXLOCK_LINES": "5"], files: files(["/c.json": file]))
        #expect(settings.port == 3 && settings.lines == 5 && settings.headerName == "Clinic" && settings.isFaxDisabled)
        let sources = Dictionary(uniqueKeysWithValues: settings.effective.map { ($0.name, $0.source) })
        #expect(sources["FAXLOCK_PORT"] == .commandLine)
        #expect(sources["FAXLOCK_LINES"] == .environment)
        #expect(sources["FAX_HEADER"] == .file(path: "/c.json"))
        #expect(sources["API_KEY"] == .builtIn)
    }

    @Test func emptyValuesAreAbsent() throws {
        let settings = try Settings.load(
            commandLine: ["FAXLOCK_PORT": ""], environment: ["FAXLOCK_PORT": "", "API_KEY": "", "FAXLOCK_CONFIG": "c"],
            files: files(["c": #"{"FAXLOCK_PORT": 99, "FAX_HEADER": ""}"#]))
        #expect(settings.port == 99)
        #expect(settings.apiKey == nil && settings.headerName == nil)
    }

    @Test func secretsAndTextsComeFromFiles() throws {
        let files = files(["/run/key": "\n fbk_live_a_b \r\n", "/run/name": "Dr. Ärztin\n"])
        let settings = try Settings.load(
            environment: ["API_KEY_FILE": "/run/key", "FAX_HEADER_FILE": "/run/name"], files: files)
        #expect(settings.apiKey?.value == "fbk_live_a_b")
        #expect(settings.headerName == "Dr. Ärztin")
        #expect(
            settings.effective.first { $0.name == "API_KEY" }?.source
                == .environmentFile(variable: "API_KEY_FILE", path: "/run/key"))
        #expect(
            problems(environment: ["API_KEY_FILE": "/run/key", "API_KEY": "x"], files: files)
                == ["API_KEY_FILE (environment): expected either API_KEY or API_KEY_FILE, not both"])
        for content in ["", " \n"] {
            let emptyFile = SettingFiles(readFile: { _ in Array(content.utf8) }, hasTimeZone: { _ in false })
            #expect(problems(environment: ["API_KEY_FILE": "/e"], files: emptyFile).count == 1)
        }
        #expect(problems(environment: ["API_KEY_FILE": "/missing"], files: files).count == 1)
        #expect(try Settings.load(environment: ["FAXLOCK_KEY_FILE": "/k"], files: files).keyFile == "/k")
    }

    @Test func secretsAreShownNowhere() throws {
        let settings = try Settings.load(
            environment: [
                "API_KEY": "hunter2", "DATABASE_URL": "postgres://u:hunter2@h/d", "PHAXIO_API_SECRET": "hunter2",
            ],
            files: files())
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!"\(settings) \(settings.effective)".contains("hunter2"))
        #expect(
            settings.effective.filter { $0.value == "***" }.map(\.name) == [
                "API_KEY", "DATABASE_URL", "PHAXIO_API_SECRET",
            ])
        let wrong = problems(environment: ["API_KEY": "hunter2 with blanks", "FAXLOCK_PORT": "hunter2"])
        #expect(wrong.count == 2 && !wrong.contains { $0.contains("hunter2") })
    }

    @Test func allProblemsAreToldAtOnceAlsoWhereTheyHaveNoEffect() {
        let found = problems(
            commandLine: ["FAXLOCK_PORT": "80", "NOPE": "1"],
            environment: [
                "FAXLOCK_PORT": "x", "FAXLOCK_TYPO": "1", "MAX_FILE_SIZE_MB": "0", "OTHER_TYPO": "1",
                "FAXLOCK_CONFIG": "c",
            ],
            files: files([
                "c": #"{"FAX_BACKEND": "pigeon", "FAXLOCK_LINES": null, "UNKNOWN": 1, "FAXLOCK_RENDERERS": [1]}"#
            ]))
        #expect(
            found == [
                "NOPE (command line): there is no setting of this name",
                "UNKNOWN (c): there is no setting of this name",
                "FAXLOCK_TYPO (environment): there is no setting of this name",
                "FAXLOCK_PORT (environment): expected a whole number from 0 to 65535",
                "FAX_BACKEND (c): expected one of line, sip, phaxio, sinch, signalwire, documo",
                "FAXLOCK_RENDERERS (c): expected a whole number from 1 to 8, not null, a list or an object",
                "FAXLOCK_LINES (c): expected a whole number from 1 to 256, not null, a list or an object",
                "MAX_FILE_SIZE_MB (environment): expected a whole number from 1 to 4096",
            ])
    }

    @Test func brokenFilesAreTold() {
        for content in [
            "", "[]", "{", "FAXLOCK_PORT=1", "{\"FAXLOCK_PORT\": 1} x", String(repeating: "[", count: 100_000),
        ] {
            #expect(
                problems(environment: ["FAXLOCK_CONFIG": "c"], files: files(["c": content]))
                    == ["FAXLOCK_CONFIG (c): expected one JSON object, {\"NAME\": value, ...}"])
        }
        #expect(problems(environment: ["FAXLOCK_CONFIG": "c"]) == ["FAXLOCK_CONFIG (environment): cannot read c"])
        #expect(
            problems(environment: ["FAXLOCK_CONFIG": "c"], files: files(["c": #"{"FAXLOCK_CONFIG": "d"}"#]))
                == ["FAXLOCK_CONFIG (c): expected on the command line or in the environment only"])
    }

    @Test func namesOfTheContractAreAcceptedAndListed() throws {
        let names = Settings.unusedTable.map(\.name)
        #expect(names.count == 22)
        let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, "given") })
        let settings = try Settings.load(environment: environment, files: files())
        let unused = settings.effective.filter { !$0.isUsed }
        #expect(unused.map(\.name) == names)
        #expect(unused.allSatisfy { $0.value == "given" || $0.value == "***" })
        #expect(unused.first { $0.name == "PHAXIO_API_KEY" }?.value == "***")
        let file = #"{"S3_BUCKET": "b", "ASTERISK_AMI_PORT": 5038, "AUDIT_LOG_ENABLED": false}"#
        #expect(problems(environment: ["FAXLOCK_CONFIG": "c"], files: files(["c": file])) == [])
    }

    @Test func retriesFollowTheirSettings() throws {
        let settings = try Settings.load(
            environment: [
                "FAXLOCK_LIFETIME_MINUTES": "90", "FAXLOCK_MAX_DIALS": "7", "FAXLOCK_MAX_TRIES": "4", "FAXLOCK_UNANSWERED_CALLS": "0",
                "FAXLOCK_RETRY_PERCENT": "50",
            ], files: files())
        let policy = settings.retryPolicy
        // Waits are shortened; how long a fax lives is not a wait.
        #expect(policy.lifetime == .seconds(5400) && policy.busyDelay == .seconds(90) && settings.shortensRetries)
        #expect(policy.maximumDials == 7 && policy.maximumTries == 4 && policy.unansweredCeiling == nil)
        #expect(try Settings.load(environment: [:], files: files()).retryPolicy == RetryPolicy())
    }

    @Test func derivedValuesFollowTheirSources() throws {
        let settings = try Settings.load(
            environment: ["FAX_DATA_DIR": "/srv/fax//", "FAXLOCK_HOST": "::1", "FAXLOCK_PORT": "81"], files: files())
        #expect(settings.dataFolder == "/srv/fax" && settings.keyFile == "/srv/fax.key")
        #expect(settings.publicURL == "http://[::1]:81")
        let shown = settings.effective.first { $0.name == "FAXLOCK_KEY_FILE" }
        #expect(shown?.value == "/srv/fax.key" && shown?.source == .builtIn)
    }
}
