/// Cuts the bytes of a manager connection into messages. Any length of line and message is survived in bounded memory; what is no
/// `name: value` is skipped.
package struct ManagerParser: Sendable {
    /// Bytes of a line; the rest of a longer one is skipped, with its beginning.
    package static let maximumLine = 8192
    /// Fields of a message, and bytes of all of them; later ones are dropped.
    package static let maximumFields = 256
    package static let maximumMessage = 65_536

    /// What the other side calls itself: its first line. Nil until it came whole.
    package private(set) var banner: String?
    private var line: [UInt8] = []
    private var isLineTooLong = false
    private var fields: [ManagerMessage.Field] = []
    private var size = 0

    package init() {}

    /// Takes bytes as they came, and gives the messages that ended with them.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [ManagerMessage] {
        var messages: [ManagerMessage] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                if line.count < Self.maximumLine {
                    line.append(byte)
                } else {
                    isLineTooLong = true
                }
                continue
            }
            if let message = endLine() { messages.append(message) }
        }
        return messages
    }

    private mutating func endLine() -> ManagerMessage? {
        defer {
            line.removeAll(keepingCapacity: true)
            isLineTooLong = false
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard banner != nil else {
            banner = String(decoding: line.prefix(128), as: UTF8.self)
            return nil
        }
        guard !line.isEmpty || isLineTooLong else {
            defer {
                fields = []
                size = 0
            }
            return fields.isEmpty ? nil : ManagerMessage(fields)
        }
        size += line.count
        guard !isLineTooLong, fields.count < Self.maximumFields, size <= Self.maximumMessage,
            let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0
        else { return nil }
        let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
        fields.append(.init(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
        return nil
    }
}
