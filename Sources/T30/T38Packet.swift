/// An IFP packet (ITU-T T.38 (11/2015) 7) to be sent.
package struct T38Packet: Sendable, Equatable {
    package let bytes: [UInt8]
    /// How many times the same datagram goes out: above 1 for indicators and for the end of a signal, on which the call
    /// hangs.
    package let repeats: Int

    /// Whether a packet is of a modem's data (T.38 7.2.2).
    static func isData(_ packet: [UInt8]) -> Bool {
        packet.first.map { $0 & 0x40 != 0 } ?? false
    }

    /// Whether the data is a page modem's: any but V.21.
    static func isImage(_ packet: [UInt8]) -> Bool {
        isData(packet) && packet[0] >> 1 & 0x1F != 0
    }

    /// What an indicator packet (T.38 7.2.1) says; nil for a data packet.
    static func indicator(_ packet: [UInt8]) -> UInt8? {
        guard let first = packet.first, first & 0xC0 == 0 else { return nil }
        return first >> 1 & 0x1F
    }
}
