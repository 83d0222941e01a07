import Testing

/// The tables of modules and routes say what Package.swift and openapi.yaml say.
@Suite struct SourceDocumentationTests {
    /// The targets of this package that each module depends on, as Package.swift has them.
    private func modules() throws -> [String: Set<String>] {
        let manifest = try Repository.text("Package.swift")
        var modules: [String: Set<String>] = [:]
        for target in manifest.matches(of: /\.(?:target|executableTarget)\(\s*name: "(\w+)"(?:,\s*dependencies: \[([^\]]*)\])?/) {
            let list = (target.2 ?? "").replacing(/\.product\([^)]*\)/, with: "")
            modules[String(target.1)] = Set(list.matches(of: /"(\w+)"/).map { String($0.1) })
        }
        return modules
    }

    @Test func theModuleTableIsThatOfThePackage() throws {
        let modules = try modules()
        #expect(modules["LineWorker"]?.contains("T30") == true)
        let rows = try Repository.document("docs/architecture.md").tableRows(under: "## Modules")
        for (name, dependencies) in modules {
            let row = try #require(rows.first { $0[0] == "`\(name)`" }, "docs/architecture.md does not have the module \(name)")
            let named = Set(row[2].matches(of: /`(\w+)`/).map { String($0.1) })
            #expect(named == dependencies, "docs/architecture.md: \(name) depends on \(dependencies.sorted())")
        }
        for row in rows {
            guard let name = row[0].wholeMatch(of: /`(\w+)`/)?.1 else { continue }
            #expect(modules[String(name)] != nil, "Package.swift does not have the module \(name)")
        }
    }

    @Test func theRouteTableIsThatOfTheDescription() throws {
        var routes: Set<String> = []
        var path = ""
        for line in try Repository.text("Sources/Gateway/openapi.yaml").split(separator: "\n") {
            if let match = line.wholeMatch(of: #/  (/\S*):/#) {
                path = String(match.1)
            } else if let match = line.wholeMatch(of: #/    (get|post|put|patch|delete):/#) {
                routes.insert("\(match.1.uppercased()) `\(path)`")
            }
        }
        #expect(routes.contains("POST `/fax`"))
        let rows = try Repository.document("docs/api.md").tableRows(under: "## Routes")
        #expect(Set(rows.filter { $0[1].hasPrefix("`") }.map { "\($0[0]) \($0[1])" }) == routes)
    }

    @Test func theChangelogHasThisVersion() throws {
        let source = try Repository.text("Sources/FaxlockCLI/Faxlock.swift")
        let version = try #require(source.firstMatch(of: /static let version = "([^"]+)"/)?.1)
        #expect(try Repository.text("CHANGELOG.md").contains("## [\(version)]"))
    }
}
