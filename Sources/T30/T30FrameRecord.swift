/// A T.30 frame that passed, without anything that identifies people: frames with numbers or names show their kind and
/// length only.
package struct T30FrameRecord: Sendable, Equatable {
    /// On the clock of ``FaxTerminal/milliseconds``.
    package let milliseconds: Int
    package let isIncoming: Bool
    /// `DIS`, `PPS-EOP`, ... (T.30 5.3.6), or the octet in hexadecimal digits when it is none of them.
    package let name: String
    /// Octets of the whole frame, without its check sequence.
    package let length: Int
    /// What it says, for DIS, DTC, DCS, PPS, EOR and PPR; otherwise empty.
    package let note: String

    /// Nil for the frames of a page itself (FCD, RCP), which are too many to be of use.
    ///
    /// - Parameter frame: address, control, facsimile control field, information; the low bit of an octet is the first
    ///   on the line. Anything may be in it.
    package init?(_ frame: some Collection<UInt8>, isIncoming: Bool, milliseconds: Int) {
        let octets = Array(frame)
        guard octets.count >= 3, !T30FrameName.isPageData(octets[2]) else { return nil }
        self.milliseconds = milliseconds
        self.isIncoming = isIncoming
        length = octets.count
        let name = T30FrameName.of(octets[2])
        let information = octets[3...]
        switch name {
        case "DIS", "DTC":
            self.name = name
            note = Capabilities(information).described
        case "DCS":
            self.name = name
            note = Capabilities(information).commanded
        case "PPS":
            self.name = name + Self.secondName(information)
            note = information.count < 4 ? "" : "page \(octets[4]), block \(octets[5]), frames \(Int(octets[6]) + 1)"
        case "EOR":
            self.name = name + Self.secondName(information)
            note = ""
        case "PPR":
            self.name = name
            note = "frames again \(information.reduce(0) { $0 + $1.nonzeroBitCount })"
        default:
            self.name = name
            note = ""
        }
    }

    /// The second control field of PPS and EOR (T.30 annex A.4.3).
    private static func secondName(_ information: ArraySlice<UInt8>) -> String {
        guard let field = information.first else { return "" }
        return field & 0xFE == 0 ? "-NULL" : "-" + T30FrameName.of(field)
    }
}

/// The bits of DIS, DTC and DCS (T.30 table 2), numbered from 1.
private struct Capabilities {
    private let octets: [UInt8]

    init(_ information: ArraySlice<UInt8>) { octets = Array(information) }

    private func bit(_ number: Int) -> Bool {
        let index = (number - 1) / 8
        return index < octets.count && octets[index] & (1 << UInt8((number - 1) % 8)) != 0
    }

    private var rateBits: [Bool] { [bit(11), bit(12), bit(13), bit(14)] }

    /// What a machine is able to do: its fastest modem and its finest resolution.
    var described: String {
        let modem =
            switch rateBits {
            case [true, true, false, true]: "V.17"
            case [true, true, false, false]: "V.29"
            case [true, false, false, false]: "V.29 only"
            default: "V.27ter"
            }
        return words([modem])
    }

    /// What a sender is about to do.
    var commanded: String {
        let modem =
            switch rateBits {
            case [false, false, false, false]: "V.27ter 2400"
            case [false, true, false, false]: "V.27ter 4800"
            case [true, false, false, false]: "V.29 9600"
            case [true, true, false, false]: "V.29 7200"
            case [false, false, false, true]: "V.17 14400"
            case [false, true, false, true]: "V.17 12000"
            case [true, false, false, true]: "V.17 9600"
            case [true, true, false, true]: "V.17 7200"
            default: "modem reserved"
            }
        return words([modem])
    }

    private func words(_ first: [String]) -> String {
        var words = first
        if bit(27) { words.append("ECM") }
        if bit(31) {
            words.append("T.6")
        } else if bit(16) {
            words.append("2D")
        }
        words.append(bit(41) ? "superfine" : bit(15) ? "fine" : "standard")
        if bit(17), bit(18) { words.append("width reserved") }
        return words.joined(separator: " ")
    }
}
