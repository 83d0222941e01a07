import CSpanDSP

/// DCN (T.30 5.3.6.1.9) of a sender, in the forms in which the two front ends send it.
enum DisconnectSignal {
    /// Address, control (final frame), DCN with the bit of the side that received a DIS.
    static let frame: [UInt8] = [0xFF, 0x13, UInt8(T30_DCN) | 1]

    /// Samples of 75 ms silence, V.21 for 1.2 s (a second of flags, the frame, flags) and 200 ms silence, in whole ticks.
    static func samples() -> [Int16] {
        var signal = [Int16](repeating: 0, count: 9600)
        if let hdlc = hdlc_tx_init(nil, 0, 1, 0, nil, nil) {
            defer { hdlc_tx_free(hdlc) }
            let nextBit: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { hdlc_tx_get_bit($0.map { OpaquePointer($0) }) }
            if let modem = fsk_tx_init(nil, cspandsp_v21_channel_2(), nextBit, UnsafeMutableRawPointer(hdlc)) {
                defer { fsk_tx_free(modem) }
                hdlc_tx_flags(hdlc, 37)
                hdlc_tx_frame(hdlc, frame, frame.count)
                _ = fsk_tx(modem, &signal, Int32(signal.count))
            }
        }
        return [Int16](repeating: 0, count: 640) + signal + [Int16](repeating: 0, count: 1600)
    }

    /// A packet of T.38 (ITU-T T.38 (11/2015) 7), and when it leaves, in milliseconds from the start.
    struct Packet {
        enum Part {
            case indicator(t30_indicator_types_e)
            case field(t38_field_types_e, [UInt8])
        }

        let milliseconds: Int
        let part: Part
    }

    /// The last of them only marks the end of the time that a gateway needs to play it all.
    static let packets: [Packet] = [
        Packet(milliseconds: 0, part: .indicator(T38_IND_NO_SIGNAL)),
        Packet(milliseconds: 75, part: .indicator(T38_IND_V21_PREAMBLE)),
        // On T.38's wire the first bit of the line is the highest of an octet.
        Packet(milliseconds: 1100, part: .field(T38_FIELD_HDLC_DATA, frame.map(reversed))),
        Packet(milliseconds: 1250, part: .field(T38_FIELD_HDLC_FCS_OK_SIG_END, [])),
        Packet(milliseconds: 1350, part: .indicator(T38_IND_NO_SIGNAL)),
        Packet(milliseconds: 1500, part: .indicator(T38_IND_NO_SIGNAL)),
    ]

    private static func reversed(_ octet: UInt8) -> UInt8 {
        (0..<8).reduce(0) { $0 | (octet >> UInt8($1) & 1) << UInt8(7 - $1) }
    }
}
