/// An IFP packet of T.38 version 0 (ITU-T T.38 (11/2015) 7 and annex A, with the field type of three bits that version 0 has), as aligned PER
/// puts it on the wire.
///
///     data present (1 bit) | kind (1) | indicator or modem (1 + 4 or more) | fields (1 or 2 bytes) | (present 1, type 3, length - 1 (2), octets)...
///
/// A field without octets takes half a byte, so that the next one may begin in the middle of a byte.
package struct IFPPacket: Sendable, Equatable {
    /// What a field says.
    package enum FieldType: UInt8, Sendable {
        case hdlcData, hdlcSignalEnd, hdlcFCSGood, hdlcFCSBad, hdlcFCSGoodSignalEnd, hdlcFCSBadSignalEnd, t4Data, t4SignalEnd
    }

    package struct Field: Sendable, Equatable {
        package var type: FieldType
        /// At most 65,535; octets of HDLC have their bits in the order of the line.
        package var octets: [UInt8]

        package init(_ type: FieldType, _ octets: [UInt8] = []) {
            self.type = type
            self.octets = octets
        }
    }

    /// The first byte, but for its top bit: kind, and indicator or modem.
    package var head: UInt8
    package var fields: [Field]

    package init(head: UInt8, fields: [Field]) {
        self.head = head & 0x7F
        self.fields = fields
    }

    /// Whether this is data of a modem, and no indicator.
    package var isData: Bool { head & 0x40 != 0 }

    /// Reads a packet; nil if it is an extended form that fax modems up to V.17 do not need, or if a length does not fit.
    package init?(_ bytes: [UInt8]) {
        guard let first = bytes.first, first & 0x20 == 0 else { return nil }
        head = first & 0x7F
        fields = []
        guard first & 0x80 != 0 else { return }
        guard bytes.count >= 2, bytes[1] < 0x80 else { return nil }
        var position = 2
        var isHalf = false
        for _ in 0..<bytes[1] {
            guard position < bytes.count else { return nil }
            let half = isHalf ? bytes[position] & 0x0F : bytes[position] >> 4
            guard let type = FieldType(rawValue: half & 0x07) else { return nil }
            guard half & 0x08 != 0 else {
                fields.append(Field(type))
                position += isHalf ? 1 : 0
                isHalf.toggle()
                continue
            }
            isHalf = false
            guard position + 3 <= bytes.count else { return nil }
            let length = (Int(bytes[position + 1]) << 8 | Int(bytes[position + 2])) + 1
            position += 3
            guard position + length <= bytes.count else { return nil }
            fields.append(Field(type, Array(bytes[position..<(position + length)])))
            position += length
        }
    }

    /// The packet as it goes over the wire. More than 127 fields, or 65,535 octets in one, are cut off.
    package var encoded: [UInt8] {
        guard !fields.isEmpty else { return [head] }
        var out = [head | 0x80, UInt8(min(fields.count, 127))]
        var isHalf = false
        for field in fields.prefix(127) {
            let half = field.type.rawValue | (field.octets.isEmpty ? 0 : 0x08)
            if isHalf { out[out.count - 1] |= half } else { out.append(half << 4) }
            isHalf = !isHalf && field.octets.isEmpty
            guard !field.octets.isEmpty else { continue }
            let octets = field.octets.prefix(65_535)
            out.append(UInt8(truncatingIfNeeded: (octets.count - 1) >> 8))
            out.append(UInt8(truncatingIfNeeded: octets.count - 1))
            out += octets
        }
        return out
    }
}
