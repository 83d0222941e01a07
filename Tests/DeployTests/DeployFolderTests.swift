import FoundationEssentials
import Testing

/// What holds for all reference configurations, and for the documents that speak of tests.
@Suite struct DeployFolderTests {
    @Test func theReadmeNamesEveryFile() throws {
        let readme = try Deploy.text("README.md")
        for path in try Deploy.files() where path != "README.md" && !path.hasPrefix("secrets/") && path != "sip-tls/README.md" {
            #expect(readme.contains("](\(path))"), "deploy/README.md does not name \(path)")
        }
        let secrets = try Deploy.text("secrets/README.md")
        for path in try Deploy.files() where path.hasPrefix("secrets/") && path != "secrets/README.md" {
            #expect(secrets.contains("](\(path.dropFirst("secrets/".count)))"), "deploy/secrets/README.md does not name \(path)")
        }
    }

    @Test func everyLinkLeadsSomewhere() throws {
        for path in try Deploy.files() where path.hasSuffix(".md") {
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            for link in try Deploy.text(path).matches(of: /\]\(([^)#:]+)(?:#[^)]*)?\)/).map({ String($0.1) }) {
                #expect(FileManager.default.fileExists(atPath: "\(Deploy.folder)/\(folder)/\(link)"), "deploy/\(path): \(link)")
            }
        }
    }

    /// Addresses and names for documentation only (RFC 5737, 3849, 2606), so that a copy that was not adapted reaches nobody; and 0.0.0.0, which
    /// is everything.
    @Test func addressesAreExamples() throws {
        #expect(try Deploy.files().count > 20)
        for path in try Deploy.files() {
            let text = try Deploy.text(path)
            for match in text.matches(of: /\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}\b/) {
                let isExample = ["0.0.0", "192.0.2", "198.51.100", "203.0.113", "127.0.0", "10.77.0"].contains(
                    "\(match.1).\(match.2).\(match.3)")
                #expect(isExample, "deploy/\(path): \(match.0)")
            }
        }
    }

    @Test func noSecretIsShipped() throws {
        for path in try Deploy.files() {
            let text = try Deploy.text(path)
            #expect(!text.contains("PRIVATE KEY-----"), "\(path)")
            #expect(text.firstMatch(of: /(?i)changeme|(?:password|secret|token)\s*[=:]\s*"?[a-z0-9]{6,}/) == nil, "\(path)")
            #expect(text.firstMatch(of: /\b[0-9a-f]{64}\b|\b[A-Za-z0-9+\/]{43}=/) == nil, "\(path)")
        }
    }

    @Test(arguments: ["backup/copy-backups.sh", "secrets/fetch-secret.sh"]) func scriptsParse(path: String) async throws {
        #expect(FileManager.default.isExecutableFile(atPath: "\(Deploy.folder)/\(path)"))
        #expect(try await Program.shell.run(["-n", "\(Deploy.folder)/\(path)"]).status == 0)
        #expect(
            try await Program.shell.run(
                ["-n"], input: try Deploy.text(path).replacing("\ndone\n", with: "\n").replacing("\nesac\n", with: "\n")
            ).status != 0)
    }

    /// The threat model says by which tests a control is shown: there are suites of those names.
    @Test func theThreatModelNamesRealTests() throws {
        let text = String(decoding: try Data(contentsOf: URL(filePath: "\(Deploy.root)/docs/threat-model.md")), as: UTF8.self)
        let named = Set(text.matches(of: /\b[A-Z]\w+Tests\b/).map { "\($0.0).swift" })
        #expect(named.count > 20)
        let files = Set(
            try FileManager.default.subpathsOfDirectory(atPath: "\(Deploy.root)/Tests").compactMap {
                $0.split(separator: "/").last.map(String.init)
            })
        for name in named.sorted() { #expect(files.contains(name), "docs/threat-model.md: there is no \(name)") }
    }
}
