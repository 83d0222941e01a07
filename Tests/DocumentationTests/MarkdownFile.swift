/// What the tests read out of a Markdown file.
struct MarkdownFile: Sendable {
    /// From the repository's folder.
    let path: String
    let text: String
    /// The lines outside of code blocks.
    private let prose: [Substring]
    /// The lines inside of code blocks.
    private let code: [Substring]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        var isCode = false
        var prose: [Substring] = []
        var code: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isCode.toggle()
            } else if isCode {
                code.append(line)
            } else {
                prose.append(line)
            }
        }
        self.prose = prose
        self.code = code
    }

    /// Where its links lead, without those to other sites.
    var links: [String] {
        prose.flatMap { $0.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) } }
            .filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }
    }

    /// The file that a link of this one leads to, from the repository's folder; nil if it leads out of it.
    func target(of link: String) -> (path: String, anchor: String?)? {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let anchor = parts.count > 1 ? parts[1] : nil
        guard !parts[0].isEmpty else { return (path, anchor) }
        var folders = path.split(separator: "/").dropLast().map(String.init)
        for part in parts[0].split(separator: "/") {
            switch part {
            case ".": break
            case "..":
                guard folders.popLast() != nil else { return nil }
            default: folders.append(String(part))
            }
        }
        return (folders.joined(separator: "/"), anchor)
    }

    /// The anchors that its headings make: lower case, without punctuation, with hyphens for spaces.
    var anchors: Set<String> {
        Set(
            prose.filter { $0.hasPrefix("#") }.map { line in
                let heading = line.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
                let kept = heading.unicodeScalars.filter {
                    $0.properties.isAlphabetic || ("0"..."9").contains($0) || " -_".unicodeScalars.contains($0)
                }
                return String(String.UnicodeScalarView(kept)).split(separator: " ", omittingEmptySubsequences: false).joined(separator: "-")
            })
    }

    /// Code in a line of prose, and the lines of code blocks.
    var codeFragments: [Substring] {
        code + prose.flatMap { $0.matches(of: /`([^`]+)`/).map(\.1) }
    }

    /// What `make` is told to make, in code.
    var makeTargets: Set<String> {
        Set(
            codeFragments.flatMap { fragment in
                fragment.matches(of: /(?:^|[\s(])make (?:-\S+ |[A-Z_]+=\S+ )*([a-z][a-z-]*)/).map { String($0.1) }
            })
    }

    /// The names of environment variables that begin as this product's do.
    var variables: Set<String> {
        Set(text.matches(of: /\b(?:FAXLOCK|FAX)_[A-Z0-9_]*[A-Z0-9]\b/).map { String($0.0) })
    }

    /// The cells of all rows of its tables, without the blanks around them.
    var tableRows: [[String]] {
        prose.filter { $0.hasPrefix("|") && $0.hasSuffix("|") }.map { line in
            // A bar in a cell is written as \|.
            let marked = line.dropFirst().dropLast().replacing(#/\\\|/#, with: "\u{0}")
            return marked.split(separator: "|", omittingEmptySubsequences: false).map { cell in
                let start = cell.drop { $0 == " " }
                return String(start.reversed().drop { $0 == " " }.reversed()).replacing("\u{0}", with: "|")
            }
        }
    }

    /// The rows of the tables under one heading.
    func tableRows(under heading: String) -> [[String]] {
        let section = prose.drop { $0 != heading }.dropFirst().prefix { !$0.hasPrefix("#") }
        return MarkdownFile(path: path, text: section.joined(separator: "\n")).tableRows
    }
}
