import Testing

@Suite struct LinkTests {
    @Test func everyRelativeLinkLeadsSomewhere() throws {
        let documents = try Repository.documents()
        #expect(documents.contains { $0.path == "README.md" } && documents.contains { $0.path == "docs/architecture.md" })
        for document in documents {
            for link in document.links {
                guard let (path, anchor) = document.target(of: link), Repository.exists(path) else {
                    Issue.record("\(document.path): nothing is at \(link)")
                    continue
                }
                if let anchor {
                    let anchors = try Repository.document(path).anchors
                    #expect(anchors.contains(anchor), "\(document.path): \(path) has no heading #\(anchor)")
                }
            }
        }
    }

    @Test func everyPathOfTheFolderTableExists() throws {
        let rows = try Repository.document("README.md").tableRows(under: "## Where things are")
        let paths = rows.compactMap { row in row[0].wholeMatch(of: /`([^`]+)`/).map { String($0.1) } }
        #expect(paths.count >= 6)
        for path in paths { #expect(Repository.exists(path), "README.md: there is no \(path)") }
    }

    @Test func everyManualIsInTheReadme() throws {
        let links = Set(try Repository.document("README.md").links)
        for name in try Repository.names(in: "docs") where name.hasSuffix(".md") {
            #expect(links.contains("docs/\(name)"), "README.md does not mention docs/\(name)")
        }
    }

    /// The decisions are numbered without a gap, and each file says its own number.
    @Test func decisionsAreNumbered() throws {
        let names = try Repository.names(in: "docs/decisions")
        for (index, name) in names.enumerated() {
            let digits = String(index + 1)
            let number = String(repeating: "0", count: 4 - digits.count) + digits
            #expect(name.hasPrefix("\(number)-") && name.hasSuffix(".md"))
            #expect(try Repository.text("docs/decisions/\(name)").hasPrefix("# \(number): "), "\(name)")
        }
    }

    @Test func everyMakeTargetExists() throws {
        let makefile = try Repository.text("Makefile")
        let targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.1) })
        #expect(targets.contains("demo"))
        for document in try Repository.documents() {
            let missing = document.makeTargets.subtracting(targets)
            #expect(missing.isEmpty, "\(document.path): the Makefile has no \(missing.sorted())")
        }
    }
}
