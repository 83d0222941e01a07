import FaxModel
import ServerSettings
import Testing

@Suite struct SettingsTableTests {
    @Test func namesAreUniqueAndEveryRowHelps() {
        let rows = Settings.table + Settings.unusedTable
        #expect(Set(rows.map(\.name)).count == rows.count)
        #expect(rows.allSatisfy { !$0.help.isEmpty && !$0.expected.isEmpty })
        #expect(
            Settings.table.filter(\.isSecret).map(\.name)
                == [
                    "API_KEY", "ASTERISK_AMI_PASSWORD", "ASTERISK_INBOUND_SECRET", "FAXLOCK_TRANSIT_TOKEN", "AWS_ACCESS_KEY_ID",
                    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                    "FAXLOCK_AUDIT_ELASTICSEARCH_API_KEY",
                ])
    }

    /// Every default is a value that the setting itself would take.
    @Test(arguments: Settings.table.filter { !$0.defaultText.isEmpty }.map { [$0.name, $0.defaultText] })
    func defaultsAreWellFormed(row: [String]) throws {
        let settings = try Settings.load(commandLine: [row[0]: row[1]], environment: [:], files: files())
        #expect(settings.effective.first { $0.name == row[0] }?.value == row[1])
    }

    private static let acceptsCases: [(String, String, String)] = [
        ("REQUIRE_API_KEY", "No", "false"), ("FAX_DISABLED", "1", "true"), ("FAX_BACKEND", "SIP", "sip"),
        ("FAXLOCK_FAILOVER_BACKEND", "Line", "line"),
        ("FAXLOCK_RESOLUTION", "standard", "standard"), ("FAXLOCK_PAPER", "A4", "a4"),
        ("FAXLOCK_LOG_LEVEL", "DEBUG", "debug"),
        ("FAXLOCK_TIME_ZONE", "America/Chicago", "America/Chicago"),
        ("FAX_LOCAL_STATION_ID", "+1 555 123 0100", "+1 555 123 0100"),
        ("PUBLIC_API_URL", "https://fax.example.org/api//", "https://fax.example.org/api"), ("FAXLOCK_PORT", "0", "0"),
        ("FAXLOCK_HOST", "fe80::1%eth0", "fe80::1%eth0"), ("FAX_DATA_DIR", "data", "data"), ("API_KEY", "!~", "***"),
        ("ASTERISK_DIAL", "Local/{number}@fax", "Local/{number}@fax"), ("ASTERISK_SPOOL_PATH", "/srv/spool/", "/srv/spool"),
        ("FAXLOCK_LIFETIME_MINUTES", "10", "10"), ("FAXLOCK_LIFETIME_MINUTES", "10080", "10080"),
        ("FAXLOCK_DEFAULT_REGION", "us", "US"), ("FAXLOCK_INTERNATIONAL", "AllowList", "allowlist"),
    ]

    @Test(arguments: acceptsCases)
    func accepts(name: String, text: String, shown: String) throws {
        let settings = try Settings.load(environment: [name: text], files: files())
        #expect(settings.effective.first { $0.name == name }?.value == shown)
    }

    private static let refusesCases: [(String, String)] = [
        ("REQUIRE_API_KEY", "maybe"), ("FAXLOCK_PORT", "65536"), ("FAXLOCK_PORT", "-1"), ("FAXLOCK_PORT", "8080 "),
        ("FAXLOCK_PORT", "99999999999999999999"), ("FAXLOCK_RENDERERS", "9"), ("FAXLOCK_RENDERERS", "0"),
        ("FAXLOCK_RESOLUTION", "superfine"), ("FAXLOCK_PAPER", "legal"), ("FAX_BACKEND", "x"), ("API_KEY", "a b"),
        ("API_KEY", "é"),
        ("API_KEY", String(repeating: "k", count: 513)), ("FAX_HEADER", "two\nlines"), ("FAX_HEADER", "a\u{202E}b"),
        ("FAX_HEADER", String(repeating: "h", count: 65)), ("FAX_LOCAL_STATION_ID", "Clinic"),
        ("FAX_LOCAL_STATION_ID", "+ "),
        ("FAX_LOCAL_STATION_ID", "+15551230100 15551230"), ("FAXLOCK_TIME_ZONE", "Mars/Base"),
        ("FAXLOCK_TIME_ZONE", "../zone"),
        ("FAXLOCK_TIME_ZONE", "/UTC"), ("PUBLIC_API_URL", "fax.example.org"), ("PUBLIC_API_URL", "https://"),
        ("PUBLIC_API_URL", "https:///a"), ("PUBLIC_API_URL", "https://u@h"), ("PUBLIC_API_URL", "https://h?q"),
        ("PUBLIC_API_URL", "ftp://h"), ("PUBLIC_API_URL", "https://a b"), ("FAX_DATA_DIR", "/"), ("FAX_DATA_DIR", "."),
        ("FAX_DATA_DIR", "a/.."), ("FAXLOCK_KEY_FILE", "folder/"), ("FAXLOCK_HOST", "a b"),
        ("MAX_FILE_SIZE_MB", "10.5"),
        ("PDF_TOKEN_TTL_MINUTES", "0"), ("FAXLOCK_LOG_LEVEL", "loud"),
        ("ASTERISK_DIAL", "PJSIP/trunk"), ("ASTERISK_DIAL", "{number}"), ("ASTERISK_DIAL", "/{number}"),
        ("ASTERISK_DIAL", "PJSIP/{number}/{number}"), ("ASTERISK_DIAL", "PJSIP/{number}&PJSIP/x"), ("ASTERISK_AMI_PORT", "0"),
        ("FAXLOCK_LIFETIME_MINUTES", "9"), ("FAXLOCK_LIFETIME_MINUTES", "10081"), ("FAXLOCK_LIFETIME_MINUTES", "3h"),
        ("FAXLOCK_DEFAULT_REGION", "XX"), ("FAXLOCK_DEFAULT_REGION", "USA"), ("FAXLOCK_DEFAULT_REGION", "1"),
    ]

    @Test(arguments: refusesCases)
    func refuses(name: String, text: String) {
        let found = problems(environment: [name: text])
        #expect(found.count == 1 && found[0].hasPrefix("\(name) (environment): expected "), "\(found)")
    }
}
