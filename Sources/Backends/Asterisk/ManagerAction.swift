/// An action of Asterisk's manager interface. No value can end its line: what cannot be sent is an error, not a second header.
package struct ManagerAction: Sendable, Equatable {
    /// A value has a control character, or is longer than Asterisk reads (a line of 1,024 bytes).
    package struct Unsendable: Error, Equatable, CustomStringConvertible {
        /// The header's or variable's name; never the value.
        package let name: String
        package var description: String { "the value of \(name) cannot be sent to Asterisk" }
    }

    private static let maximumLine = 1000

    private var lines: [String]

    package init(_ name: StaticString) {
        lines = ["Action: \(name)"]
    }

    /// Adds a header.
    package mutating func add(_ name: StaticString, _ value: String) throws(Unsendable) {
        let line = "\(name): \(value)"
        guard line.utf8.count <= Self.maximumLine, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Unsendable(name: "\(name)")
        }
        lines.append(line)
    }

    /// Adds a channel variable. Asterisk cuts this header at commas and takes quotes and backslashes away, and what reads a variable may
    /// expand `$`: a value has letters, digits, blanks and `+ / . _ - @ :` only.
    package mutating func add(variable name: StaticString, _ value: String) throws(Unsendable) {
        let allowed = Set(" +/._-@:".utf8)
        let isPlain = value.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || allowed.contains(byte)
        }
        guard isPlain else { throw Unsendable(name: "\(name)") }
        try add("Variable", "\(name)=\(value)")
    }

    /// The action as it goes over the wire.
    /// - Parameter id: `ActionID`: letters, digits and `-`, chosen by this side.
    package func encoded(id: String) -> [UInt8] {
        Array((lines + ["ActionID: \(id)", "", ""]).joined(separator: "\r\n").utf8)
    }
}
