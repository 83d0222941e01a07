import T30

/// A line on which the first trainings fail, so that the modems go down with their speed: a far end of the sandbox has it.
struct PoorLine {
    let failedTrainings: Int

    /// Octets of a packet before and behind which no data of a training is (ITU-T T.38 (11/2015) 7.3).
    private static let (head, tail) = (8, 4)

    /// What arrives at a receiver of a packet: of the training check (TCF), which is all zeros, a part is ones. Other packets are as they
    /// were.
    func carried(_ packet: [UInt8], to terminal: FaxTerminal) -> [UInt8] {
        guard failedTrainings > 0, Self.isModemData(packet), packet.count > Self.head + Self.tail else { return packet }
        // TCF is what comes between DCS and our answer to it.
        guard let last = terminal.trace.last, last.isIncoming, last.name == "DCS",
            terminal.trace.count(where: { $0.name == "FTT" && !$0.isIncoming }) < failedTrainings
        else { return packet }
        var packet = packet
        for index in Self.head..<(packet.count - Self.tail) { packet[index] = 0xFF }
        return packet
    }

    /// Data of any modem but V.21, which carries the commands.
    private static func isModemData(_ packet: [UInt8]) -> Bool {
        guard let first = packet.first else { return false }
        return first & 0b1100_0000 == 0b1100_0000 && first != 0b1100_0000
    }
}
