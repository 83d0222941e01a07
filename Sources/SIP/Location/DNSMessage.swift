package import NIOCore

/// One resource record of an answer (RFC 1035 4.1.3).
package struct DNSRecord: Sendable, Equatable {
    /// The types asked for.
    package enum Kind: UInt16, Sendable, Hashable {
        /// RFC 1035 3.4.1.
        case a = 1
        /// RFC 1035 3.3.1.
        case cname = 5
        /// RFC 3596 2.1.
        case aaaa = 28
        /// RFC 2782.
        case srv = 33
        /// RFC 3403 4.
        case naptr = 35
    }

    /// What a record says. Names are in lower case without the final dot; the root is empty.
    package enum Content: Sendable, Equatable {
        /// An IPv4 or IPv6 address, with port 0.
        case address(SocketAddress)
        /// Another name.
        case alias(String)
        /// A server of a service.
        case service(priority: Int, weight: Int, port: Int, target: String)
        /// A way to a service; the regular expression is not kept, SIP has no use for it (RFC 3263 4.1).
        case pointer(order: Int, preference: Int, flags: String, service: String, replacement: String)
    }

    /// Whom it is about.
    package let name: String
    /// Seconds that it may be kept.
    package let seconds: Int
    /// What it says.
    package let content: Content
}

/// A query or an answer of DNS (RFC 1035 4.1). Answers are hostile until proven otherwise: every read is bounded.
package struct DNSMessage: Sendable, Equatable {
    /// Why bytes are no answer.
    package enum Failure: Error, Sendable, Equatable {
        /// They end too early.
        case truncated
        /// A name is too long or its pointers lead nowhere or in circles.
        case badName
        /// It is a query, or has other than one question.
        case notAnAnswer
        /// A record contradicts its own length.
        case badRecord
    }

    /// The number that ties an answer to its query.
    package let id: UInt16
    /// The name asked for, in lower case.
    package let name: String
    /// The type asked for.
    package let type: UInt16
    /// The answer did not fit into its datagram.
    package let isTruncated: Bool
    /// RCODE: 0 no error, 3 no such name.
    package let status: Int
    /// The answer section; records of other types are left out.
    package let answers: [DNSRecord]

    /// Records read at most.
    private static let maximumRecords = 128

    /// The bytes of a recursive query; nil when the name is none.
    package static func query(id: UInt16, name: String, kind: DNSRecord.Kind) -> [UInt8]? {
        var bytes = [UInt8(id >> 8), UInt8(id & 255), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for (index, label) in labels.enumerated() {
            // A final dot is allowed.
            if label.isEmpty, index == labels.count - 1, index > 0 { break }
            guard (1...63).contains(label.count) else { return nil }
            bytes.append(UInt8(label.count))
            bytes += label
        }
        guard bytes.count <= 12 + 254 else { return nil }
        return bytes + [0, 0, UInt8(kind.rawValue), 0, 1]
    }

    /// Reads an answer.
    package init(parsing bytes: [UInt8]) throws(Failure) {
        var reader = DNSReader(bytes: bytes)
        id = try reader.word()
        let flags = try reader.word()
        guard flags & 0x8000 != 0, try reader.word() == 1 else { throw .notAnAnswer }
        isTruncated = flags & 0x0200 != 0
        status = Int(flags & 15)
        let count = try reader.word()
        _ = try reader.word()
        _ = try reader.word()
        name = try reader.name()
        type = try reader.word()
        guard try reader.word() == 1 else { throw .notAnAnswer }
        var records: [DNSRecord] = []
        // What a truncated answer holds is asked for again over TCP.
        for _ in 0..<min(Int(count), Self.maximumRecords) where !isTruncated {
            if let record = try Self.record(&reader) { records.append(record) }
        }
        answers = records
    }

    private static func record(_ reader: inout DNSReader) throws(Failure) -> DNSRecord? {
        let name = try reader.name()
        let type = try reader.word()
        let isInternet = try reader.word() == 1
        let time = (UInt32(try reader.word()) << 16) | UInt32(try reader.word())
        let end = reader.position + Int(try reader.word()) + 2
        guard end <= reader.bytes.count else { throw .truncated }
        guard isInternet, let kind = DNSRecord.Kind(rawValue: type) else {
            reader.position = end
            return nil
        }
        let content: DNSRecord.Content
        switch kind {
        case .a, .aaaa: content = .address(try reader.address(length: kind == .a ? 4 : 16))
        case .cname: content = .alias(try reader.name())
        case .srv:
            content = .service(
                priority: Int(try reader.word()), weight: Int(try reader.word()), port: Int(try reader.word()),
                target: try reader.name())
        case .naptr:
            let order = Int(try reader.word())
            let preference = Int(try reader.word())
            let flags = try reader.text()
            let service = try reader.text()
            _ = try reader.text()
            content = .pointer(
                order: order, preference: preference, flags: flags, service: service, replacement: try reader.name())
        }
        guard reader.position == end else { throw .badRecord }
        // A time with the top bit set is zero (RFC 2181 8).
        return DNSRecord(name: name, seconds: time > 0x7FFF_FFFF ? 0 : Int(time), content: content)
    }
}
