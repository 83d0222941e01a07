/// One message on the pipe or socket between the gateway and a worker process.
///
/// On the wire: one byte `kind`, four bytes length (big endian), payload.
package struct Frame: Sendable, Equatable {
    /// What the payload is.
    package enum Kind: UInt8, Sendable {
        /// A JSON object: ``CallCommand``, ``CallEvent`` or ``PageEvent``.
        case message = 0x4A
        /// A fax page in the form of ``PagePayload``.
        case page = 0x50
    }

    package let kind: Kind
    package let payload: [UInt8]

    package init(kind: Kind, payload: [UInt8]) {
        self.kind = kind
        self.payload = payload
    }

    /// Bytes before the payload.
    package static let headerLength = 5
    /// The largest payload that a reader takes: far above any page, far below what would hurt the gateway.
    package static let maximumPayload = 16 << 20

    /// The frame as it goes over the wire.
    package var encoded: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(Self.headerLength + payload.count)
        out.append(kind.rawValue)
        out.appendBigEndian(UInt32(payload.count))
        out.append(contentsOf: payload)
        return out
    }
}

extension [UInt8] {
    /// Appends `value` with its most significant byte first.
    package mutating func appendBigEndian<T: FixedWidthInteger>(_ value: T) {
        var shift = T.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: value >> T(shift)))
            shift -= 8
        }
    }
}
