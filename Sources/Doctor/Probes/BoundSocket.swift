/// A socket at which a process can be reached.
package struct BoundSocket: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        /// Listening.
        case tcp
        /// Bound and not connected.
        case udp
    }

    package let kind: Kind
    /// In its usual notation, `127.0.0.1`, `::`; IPv4-mapped addresses as IPv4.
    package let address: String
    package let port: Int

    package init(kind: Kind, address: String, port: Int) {
        self.kind = kind
        self.address = address
        self.port = port
    }

    package var isLoopback: Bool { HostName.isLoopback(address) }

    package var description: String { "\(kind.rawValue) \(address.contains(":") ? "[\(address)]" : address):\(port)" }

    /// Reads a table of the kernel's (proc_pid_net(5): tcp, tcp6, udp, udp6).
    /// - Parameter inodes: of the process' sockets.
    static func parse(_ table: String, kind: Kind, inodes: Set<UInt64>) -> [BoundSocket] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            // State 0A is TCP_LISTEN; an unconnected UDP socket has 07.
            guard fields.count > 9, fields[3] == (kind == .tcp ? "0A" : "07"), let inode = UInt64(fields[9]), inodes.contains(inode) else {
                return nil
            }
            let parts = fields[1].split(separator: ":")
            guard parts.count == 2, let port = Int(parts[1], radix: 16), let address = address(hexadecimal: parts[0]) else { return nil }
            return BoundSocket(kind: kind, address: address, port: port)
        }
    }

    /// An address as words of the machine's byte order, which is little endian here.
    private static func address(hexadecimal text: Substring) -> String? {
        let digits = Array(text)
        guard digits.count == 8 || digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 8) {
            guard let word = UInt32(String(digits[start..<start + 8]), radix: 16) else { return nil }
            bytes += withUnsafeBytes(of: word) { Array($0) }
        }
        if bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF { bytes.removeFirst(12) }
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        if bytes.allSatisfy({ $0 == 0 }) { return "::" }
        if bytes.dropLast().allSatisfy({ $0 == 0 }), bytes.last == 1 { return "::1" }
        return stride(from: 0, to: 16, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":")
    }
}
