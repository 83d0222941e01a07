/// Stands before libspandsp 0.0.6 in T.38 and spoils the one frame of an arriving stream that would crash it: an FCD (facsimile coded data,
/// ITU-T T.30 annex A) that ends before its frame number. Such a frame is passed on as one with a bad check sequence, which T.30 asks for again.
///
/// Over audio frames come out of the modem inside libspandsp, where nobody can look; there the worker process is the wall.
package struct FrameGuard: Sendable {
    /// Octets of the frame that has begun, and the third of them, its kind.
    private var length = 0
    private var kind: UInt8 = 0
    /// Frames that were spoiled.
    package private(set) var spoiled = 0

    /// FCD, 0x60 in T.30's order of bits.
    private static let codedData: UInt8 = 0x60
    /// Address, control, kind and frame number.
    private static let shortest = 4

    package init() {}

    /// Looks at an IFP packet of version 0 in its turn; returns what may go on to T.38: mostly the same.
    package mutating func checked(_ bytes: [UInt8]) -> [UInt8] {
        guard var packet = IFPPacket(bytes) else { return bytes }
        guard packet.isData else {
            length = 0
            return bytes
        }
        var isChanged = false
        for (index, field) in packet.fields.enumerated() {
            switch field.type {
            case .hdlcData:
                if length <= 2, length + field.octets.count > 2 { kind = field.octets[2 - length] }
                length += field.octets.count
            case .hdlcFCSGood, .hdlcFCSGoodSignalEnd:
                if length == 3, kind == Self.codedData {
                    packet.fields[index].type = field.type == .hdlcFCSGood ? .hdlcFCSBad : .hdlcFCSBadSignalEnd
                    spoiled += 1
                    isChanged = true
                }
                length = 0
            case .hdlcFCSBad, .hdlcFCSBadSignalEnd, .hdlcSignalEnd: length = 0
            case .t4Data, .t4SignalEnd: break
            }
        }
        return isChanged ? packet.encoded : bytes
    }
}
