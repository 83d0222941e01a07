import Testing

@testable import ServerSettings

/// Secrets are kept by name, so that weak ones can be named, and are shown nowhere.
@Suite struct GivenSecretsTests {
    private static let files = SettingFiles(
        readFile: { $0 == "/key" ? Array("from-a-file\n".utf8) : nil }, hasTimeZone: { _ in true })

    @Test func alsoThoseWithoutEffect() throws {
        let settings = try Settings.load(
            commandLine: [:],
            environment: ["API_KEY_FILE": "/key", "PHAXIO_API_SECRET": "also-secret", "FAXLOCK_PAPER": "a4", "ASTERISK_AMI_PASSWORD": ""],
            files: Self.files)
        #expect(settings.secrets.mapValues(\.value) == ["API_KEY": "from-a-file", "PHAXIO_API_SECRET": "also-secret"])
        #expect(!"\(settings.secrets)".contains("secret-") && !"\(settings.secrets)".contains("also"))
    }

    @Test func theOneThatCounts() throws {
        let settings = try Settings.load(
            commandLine: ["API_KEY": "first"], environment: ["API_KEY": "second"], files: Self.files)
        #expect(settings.secrets["API_KEY"]?.value == "first")
    }
}
