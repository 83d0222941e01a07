/// A token or a secret in a setting: it goes into requests and is printed nowhere, not even by `dump`.
struct HiddenText: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let value: String

    /// - Throws: ``CustodyError/setting(_:)`` unless it is 1 to 8192 printable ASCII characters without spaces, so that it fits a header.
    init(_ value: String, setting: String) throws(CustodyError) {
        guard (1...8192).contains(value.utf8.count), value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .setting("\(setting) is empty or holds spaces or other characters that it cannot have")
        }
        self.value = value
    }

    var description: String { "redacted" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
