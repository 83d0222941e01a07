import Testing

/// The reader that the other tests trust.
@Suite struct MarkdownFileTests {
    private let file = MarkdownFile(
        path: "docs/sample.md",
        text: """
            # A heading: two, three
            See [there](../README.md#first) and [here](#a-heading-two-three), not [that](https://example.org/).
            Run `make test` or `make -s bin`, and make no mistake. `FAXLOCK_PORT` is not `FAXLOCK_`.
            | `a` | b \\| c |
            ## Other
            | x |
            ```sh
            [no](link.md)
            BUILD=/x make BUILD=/y demo  # FAX_HEADER
            ```
            """)

    @Test func readsLinksOutsideOfCode() throws {
        #expect(file.links == ["../README.md#first", "#a-heading-two-three"])
        #expect(file.target(of: file.links[0])?.path == "README.md")
        #expect(file.target(of: file.links[0])?.anchor == "first")
        #expect(file.target(of: file.links[1])?.path == "docs/sample.md")
        #expect(file.target(of: "../../other.md") == nil)
        #expect(file.anchors == ["a-heading-two-three", "other"])
    }

    @Test func readsCommandsInCodeOnly() {
        #expect(file.makeTargets == ["test", "bin", "demo"])
    }

    @Test func readsNames() {
        #expect(file.variables == ["FAXLOCK_PORT", "FAX_HEADER"])
    }

    @Test func readsTables() {
        #expect(file.tableRows == [["`a`", "b | c"], ["x"]])
        #expect(file.tableRows(under: "## Other") == [["x"]])
    }
}
