/// By what a document is known in its call. Both sides of a call make it alike, so that what was received can be found by what was sent.
package struct CallReference: Sendable, Hashable {
    /// The call's own reference (SIP Call-ID).
    package let call: String
    /// Which of the call's documents it is, from 0.
    package let document: Int

    private static let separator: Character = "#"

    package init(_ call: String, document: Int = 0) {
        self.call = call
        self.document = document
    }

    /// The first document has the call's own reference, the second has `#2` after it, and so on.
    package var text: String { document == 0 ? call : "\(call)\(Self.separator)\(document + 1)" }

    /// The call of a reference that this server chose.
    package static func call(of text: String) -> String { text.firstIndex(of: separator).map { String(text[..<$0]) } ?? text }
}
