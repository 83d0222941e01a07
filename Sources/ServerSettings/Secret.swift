/// A text that is printed nowhere: not by `print`, not by `dump`, not in an interpolation.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands for a secret wherever it is shown.
    package static let redacted = "***"

    /// The secret itself.
    package let value: String

    package init(_ value: String) {
        self.value = value
    }

    package var description: String { Self.redacted }
    package var debugDescription: String { Self.redacted }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
