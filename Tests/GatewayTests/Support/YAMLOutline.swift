/// The mappings and lists of a YAML text by their indentation: as much of the language as `openapi.yaml` uses. Not a parser of YAML.
struct YAMLOutline {
    struct Node {
        /// Empty for an item of a list.
        let key: String
        /// The text behind the key or dash, without quotes.
        let value: String
        var children: [Node] = []

        /// The child with this key.
        subscript(key: String) -> Node? { children.first { $0.key == key } }

        var keys: [String] { children.map(\.key) }

        /// The items of a list, written on one line or on a line each.
        var items: [String] {
            guard value.hasPrefix("[") else { return children.map(\.value) }
            return value.dropFirst().dropLast().split(separator: ",").map { YAMLOutline.unquoted($0) }
        }

        /// Nodes by the keys that lead to them.
        func at(_ path: String...) -> Node? {
            path.reduce(self as Node?) { node, key in node?[key] }
        }
    }

    let root: Node

    init(_ text: String) {
        var lines: [(indent: Int, text: Substring)] = []
        for line in text.split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            lines.append((indent, line.dropFirst(indent)))
        }
        var rest = lines[...]
        root = Node(key: "", value: "", children: Self.children(of: -1, in: &rest))
    }

    private static func children(of indent: Int, in rest: inout ArraySlice<(indent: Int, text: Substring)>) -> [Node] {
        var nodes: [Node] = []
        while let line = rest.first, line.indent > indent {
            rest = rest.dropFirst()
            var node = Self.node(line.text)
            node.children += children(of: line.indent, in: &rest)
            nodes.append(node)
        }
        return nodes
    }

    private static func node(_ text: Substring) -> Node {
        if text.hasPrefix("- ") {
            let inner = node(text.dropFirst(2))
            // A mapping that begins on the dash's line goes on below it.
            return inner.key.isEmpty ? inner : Node(key: "", value: "", children: [inner])
        }
        // The colon of a key is followed by a space or ends the line; a quoted text is none.
        guard !text.hasPrefix("\"") || text.hasSuffix(":"), let colon = keyEnd(of: text) else {
            return Node(key: "", value: unquoted(text))
        }
        return Node(key: unquoted(text[..<colon]), value: unquoted(text[colon...].dropFirst()))
    }

    private static func keyEnd(of text: Substring) -> Substring.Index? {
        text.indices.first { index in
            guard text[index] == ":" else { return false }
            let next = text.index(after: index)
            return next == text.endIndex || text[next] == " "
        }
    }

    private static func unquoted(_ text: some StringProtocol) -> String {
        let trimmed = text.drop { $0 == " " }
        let end = trimmed.lastIndex { $0 != " " }
        let value = end.map { trimmed[...$0] } ?? trimmed.prefix(0)
        return value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"") ? String(value.dropFirst().dropLast()) : String(value)
    }
}
