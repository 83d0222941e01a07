import ServerSettings
import Testing

/// docs/operations.md has every setting as the code has it, and no document speaks of others.
@Suite struct SettingsDocumentationTests {
    /// Read by the client commands, and by the tests.
    private static let otherVariables: Set = [
        "FAXLOCK_URL", "FAXLOCK_API_KEY", "FAXLOCK_CA", "FAXLOCK_CLIENT_CERTIFICATE", "FAXLOCK_CLIENT_KEY", "FAXLOCK_TEST_PYTHON",
        "FAXLOCK_FUZZ_ROUNDS",
    ]

    @Test(arguments: Settings.table.indices)
    func hasTheRowOf(index: Int) throws {
        let setting = Settings.table[index]
        let row = [
            "`\(setting.name)`", setting.defaultText.isEmpty ? "none" : "`\(setting.defaultText)`", setting.help, setting.expected,
            setting.acceptsFile ? "yes" : "no",
        ]
        let rows = try Repository.document("docs/operations.md").tableRows(under: "## Settings")
        #expect(rows.contains(row), "docs/operations.md should have the row | \(row.joined(separator: " | ")) |")
    }

    @Test func hasNoOtherRows() throws {
        let rows = try Repository.document("docs/operations.md").tableRows(under: "## Settings")
        let named = Set(rows.map { $0[0] }.filter { $0.hasPrefix("`") })
        #expect(named == Set(Settings.table.map { "`\($0.name)`" }))
    }

    @Test func namesAllThatHaveNoEffect() throws {
        let text = try Repository.text("docs/operations.md")
        for setting in Settings.unusedTable { #expect(text.contains("`\(setting.name)`"), "\(setting.name)") }
    }

    @Test func noDocumentNamesAnUnknownSetting() throws {
        let settings = Settings.table + Settings.unusedTable
        let known = Self.otherVariables.union(settings.map(\.name))
            .union(settings.filter(\.acceptsFile).map { "\($0.name)_FILE" })
        for document in try Repository.documents() {
            let unknown = document.variables.subtracting(known)
            #expect(unknown.isEmpty, "\(document.path): there is no \(unknown.sorted())")
        }
    }
}
