import NIOCore

/// Reads the parts of a DNS message with every access checked.
struct DNSReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func byte() throws(DNSMessage.Failure) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        position += 1
        return bytes[position - 1]
    }

    mutating func word() throws(DNSMessage.Failure) -> UInt16 {
        (UInt16(try byte()) << 8) | UInt16(try byte())
    }

    mutating func take(_ count: Int) throws(DNSMessage.Failure) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw .truncated }
        position += count
        return bytes[(position - count)..<position]
    }

    /// `character-string` (RFC 1035 3.3) with bytes outside of printable ASCII left out.
    mutating func text() throws(DNSMessage.Failure) -> String {
        let count = Int(try byte())
        return String(decoding: try take(count).filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
    }

    mutating func address(length: Int) throws(DNSMessage.Failure) -> SocketAddress {
        let packed = ByteBuffer(bytes: try take(length))
        guard let address = try? SocketAddress(packedIPAddress: packed, port: 0) else { throw .badRecord }
        return address
    }

    /// A name (RFC 1035 4.1.4). A pointer must lead to an earlier place than the one before it, so that no chain of
    /// them is endless.
    mutating func name() throws(DNSMessage.Failure) -> String {
        var text: [UInt8] = []
        var place = position
        var limit = position
        var end: Int?
        while true {
            guard place < bytes.count else { throw .truncated }
            let length = Int(bytes[place])
            switch length {
            case 0:
                position = end ?? place + 1
                return String(decoding: text, as: UTF8.self)
            case 1...63:
                guard place + length < bytes.count else { throw .truncated }
                let label = bytes[(place + 1)...(place + length)]
                // Names of hosts and services; anything else could be taken for syntax later.
                guard label.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }) else {
                    throw .badName
                }
                if !text.isEmpty { text.append(UInt8(ascii: ".")) }
                text += label.map(\.lowercasedASCII)
                guard text.count <= 253 else { throw .badName }
                place += length + 1
            case 0xC0...0xFF:
                guard place + 1 < bytes.count else { throw .truncated }
                let target = (length & 0x3F) << 8 | Int(bytes[place + 1])
                end = end ?? place + 2
                guard target < limit else { throw .badName }
                limit = target
                place = target
            default:
                throw .badName
            }
        }
    }
}
