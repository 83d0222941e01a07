import CSpanDSP

/// A fax machine at the end of a T.38 line (ITU-T T.38 (11/2015)): packets go in by ``receive(_:sequence:)`` and come
/// out of ``takePackets()``, time comes by ``advance(samples:)``.
package final class T38FaxTerminal: FaxTerminal {
    private let terminal: OpaquePointer
    private let core: OpaquePointer
    private let version: Int
    private let isUnpaced: Bool
    /// What is left of our own DCN, and the samples that have passed of it.
    private var disconnect = DisconnectSignal.packets[...]
    private var sinceLeaving = 0

    private var packets: [T38Packet] = []
    /// What the last packet that left says when it is an indicator; nil when it is data.
    private var lastIndicator: UInt8? = 0
    /// Whether this side is in the middle of a frame or a page: until its end nobody answers.
    package private(set) var isSendingData = false
    /// Whether the far end is in the middle of a page, or of the training check.
    package private(set) var isReceivingImage = false
    /// Whether the far end sends: anything but that it is silent was heard last.
    package private(set) var isReceiving = false
    /// Samples since the last packet left.
    private var sinceLastPacket = 0

    /// T.38's indicators of no signal, CNG and CED (tones, whose length nobody measures to a tenth of a second), and of
    /// the preamble of V.21, which takes a second (T.30 5.3.1) with 15 % to either side.
    private static let nothingUrgent: ClosedRange<UInt8> = 0...2
    private static let preamble: UInt8 = 3
    private static let shortestPreamble = FaxTerminal.samplesPerSecond * 85 / 100
    /// What came while a confirmation is held back, to be looked at after it.
    private var waiting: [(bytes: [UInt8], sequence: UInt16)] = []
    /// What the far end's last indicator says, while a confirmation is held back: whether it sends, and since when, in
    /// samples of the hold.
    private var isFarEndSending = false
    private var lastPacket = 0

    /// A far end that was heard last so long ago has fallen silent without saying so. A preamble of V.21, a second, has
    /// no packets in it.
    private static let silence = 2 * FaxTerminal.samplesPerSecond

    /// - Parameters:
    ///   - version: the agreed `T38FaxVersion`.
    ///   - isUnpaced: send without regard to the speed of any modem: for two ends on one machine.
    package init(_ settings: T30Settings, version: Int = 0, isUnpaced: Bool = false) throws(Failure) {
        let pagesToSend = try Self.pagesToSend(of: settings)
        // The handler finds its terminal through a box, since `self` is not whole before libspandsp has answered.
        let context = Unmanaged.passRetained(TerminalBox())
        guard let terminal = t38_terminal_init(nil, settings.isCaller ? 1 : 0, onPacket, context.toOpaque()) else {
            context.release()
            throw .rejectedSetting
        }
        guard let t30 = t38_terminal_get_t30_state(terminal), let core = t38_terminal_get_t38_core_state(terminal)
        else {
            t38_terminal_free(terminal)
            context.release()
            throw .rejectedSetting
        }
        self.terminal = terminal
        self.core = core
        self.version = version
        self.isUnpaced = isUnpaced
        super.init(t30: t30, settings: settings, pagesToSend: pagesToSend, context: context)

        t38_set_t38_version(core, Int32(clamping: version))
        t38_set_data_rate_management_method(core, Int32(T38_DATA_RATE_MANAGEMENT_TRANSFERRED_TCF.rawValue))
        t38_set_sequence_number_handling(core, 1)
        t38_terminal_set_config(terminal, isUnpaced ? Int32(T38_TERMINAL_OPTION_NO_PACING) : 0)
        t38_terminal_set_tep_mode(terminal, isUnpaced ? 0 : 1)
        try configure()
    }

    deinit { t38_terminal_free(terminal) }

    /// Lets time pass: timers run and packets that are due come out. At most 20 ms (160 samples) at once keeps packets
    /// of 30 ms on time. While a confirmation is held back only the hold knows of it.
    package func advance(samples: Int) {
        guard !hasEnded else { return }
        if isLeavingNow { return disconnect(samples: samples) }
        if hold != nil {
            let isLineBusy = isLineBusy
            hold?.advance(samples: samples, isLineBusy: isLineBusy)
            guard hold?.mayEnd == true else { return }
            hold = nil
            let waiting = self.waiting
            self.waiting = []
            for packet in waiting { receive(packet.bytes, sequence: packet.sequence) }
        }
        guard hold == nil, !hasEnded else { return }
        sinceLastPacket += samples
        _ = t38_terminal_send_timeout(terminal, Int32(clamping: samples))
        leaveIfPossible()
    }

    /// Takes an IFP packet from the far end. Anything may be in it.
    package func receive(_ packet: [UInt8], sequence: UInt16) {
        guard !hasEnded, !isLeavingNow, !packet.isEmpty else { return }
        isReceivingImage = T38Packet.isImage(packet)
        isReceiving = T38Packet.indicator(packet) != 0
        if let hold {
            lastPacket = hold.elapsed
            if let indicator = T38Packet.indicator(packet) { isFarEndSending = indicator != 0 }
            // First comes the end of the signal that brought the command, and T.30 needs that; later, the command again.
            if hold.elapsed < ConfirmationHold.window { waiting.append((packet, sequence)) }
            return
        }
        _ = packet.withUnsafeBufferPointer {
            t38_core_rx_ifp_packet(core, $0.baseAddress, Int32(clamping: $0.count), sequence)
        }
        if hold != nil {
            isFarEndSending = false
            lastPacket = 0
        }
        leaveIfPossible()
    }

    private func disconnect(samples: Int) {
        sinceLeaving += samples
        while let next = disconnect.first, isUnpaced || sinceLeaving >= next.milliseconds * FaxTerminal.samplesPerSecond / 1000 {
            disconnect.removeFirst()
            switch next.part {
            case .indicator(let indicator): _ = t38_core_send_indicator(core, Int32(indicator.rawValue))
            case .field(let type, let octets):
                _ = t38_core_send_data(
                    core, Int32(T38_DATA_V21.rawValue), Int32(type.rawValue), octets, Int32(octets.count),
                    Int32(octets.isEmpty ? T38_PACKET_CATEGORY_CONTROL_DATA_END.rawValue : T38_PACKET_CATEGORY_CONTROL_DATA.rawValue))
            }
        }
        if disconnect.isEmpty { hasLeft() }
    }

    private var isLineBusy: Bool {
        guard let hold else { return false }
        return isFarEndSending && hold.elapsed - lastPacket < Self.silence
    }

    /// Whether a packet may be due within `samples`: not while this side only answers what comes, and not in the middle
    /// of a preamble. T.30's timers may end a silence too, but those are of seconds.
    package func maySend(within samples: Int) -> Bool {
        switch lastIndicator {
        case let indicator? where Self.nothingUrgent.contains(indicator): false
        case Self.preamble: sinceLastPacket + samples > Self.shortestPreamble
        default: true
        }
    }

    /// The packets to send since the last time, in order.
    package func takePackets() -> [T38Packet] {
        guard !packets.isEmpty else { return [] }
        defer { packets = [] }
        return packets
    }

    fileprivate func transmit(_ bytes: [UInt8], times: Int) {
        packets.append(T38Packet(bytes: bytes, repeats: max(1, times)))
        lastIndicator = T38Packet.indicator(bytes)
        isSendingData = T38Packet.isData(bytes)
        // One of the two sends at a time.
        if lastIndicator != 0 { (isReceiving, isReceivingImage) = (false, false) }
        sinceLastPacket = 0
        // A V.21 packet whose last field is "FCS OK, signal end": alone (paced), or behind the data of the frame
        // (unpaced).
        if finalConfirmation == .queued, bytes.count >= 3, bytes[0] == 0xC0, bytes.count == 3 || bytes[1] == 2,
            bytes.last == (version == 0 ? 0x40 : 0x20)
        {
            finalConfirmation = .sent
        }
    }
}

private func onPacket(
    _ core: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int32,
    _ times: Int32
) -> Int32 {
    if count > 0, let terminal = TerminalBox.terminal(context) as? T38FaxTerminal {
        terminal.transmit(Array(UnsafeBufferPointer(start: bytes, count: Int(count))), times: Int(times))
    }
    return 0
}
