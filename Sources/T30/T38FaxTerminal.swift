import CSpanDSP

/// A fax machine at the end of a T.38 line: T.30 (ITU-T T.30 (09/2005)) from phase B to phase E by libspandsp.
///
/// It has no clock and no socket. Time comes by ``advance(samples:)``, packets go in by ``receive(_:sequence:)`` and
/// come out of ``takePackets()``, and what happened is in ``takeEvents()``; so a whole fax can be run in a test in no
/// time. One thread uses it, the same from start to end.
package final class T38FaxTerminal {
    /// Why there is no terminal.
    package enum Failure: Error, Equatable {
        /// The TIFF file to send cannot be read, or has no page with the wanted number.
        case unreadableDocument
        /// libspandsp did not take a setting, or is out of memory.
        case rejectedSetting
    }

    /// Samples of libspandsp's clock in a second.
    package static let samplesPerSecond = 8000

    private let terminal: OpaquePointer
    private let t30: OpaquePointer
    private let core: OpaquePointer
    private let settings: T38FaxSettings
    /// Pages that must be confirmed for a success; nil on a receiver, which takes what comes.
    private let pagesToSend: Int?

    private var packets: [T38Packet] = []
    private var events: [T38FaxEvent] = []
    private var lastNegotiation: T38FaxNegotiation?
    private var confirmedPages = 0
    private var finalConfirmation = FinalConfirmation.none
    private var isOver = false
    private var isHangingUp = false
    /// The DCS that is being answered names a page width that does not exist; libspandsp 0.0.6 would crash on its first
    /// page.
    private var isWidthReserved = false

    /// How far a receiver is with the last page of a document: once its MCF is on the line the fax is complete, even if
    /// the far end hangs up without the DCN that T.30 asks for.
    private enum FinalConfirmation {
        case none, due, queued, sent
    }

    package init(_ settings: T38FaxSettings) throws(Failure) {
        span_set_message_handler(nil)
        span_set_error_handler(nil)
        TIFFFile.silence()

        var pagesToSend: Int?
        if case .send(let path, let firstPage) = settings.document {
            guard let file = TIFFFile(path: path), firstPage >= 0, file.pageCount > firstPage else {
                throw .unreadableDocument
            }
            pagesToSend = file.pageCount - firstPage
        }
        self.pagesToSend = pagesToSend
        self.settings = settings

        // The handler finds its terminal through a box, since `self` is not whole before libspandsp has answered.
        let box = TerminalBox()
        let context = Unmanaged.passRetained(box)
        guard
            let terminal = t38_terminal_init(nil, settings.isCaller ? 1 : 0, onPacket, context.toOpaque())
        else {
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
        self.t30 = t30
        self.core = core
        self.context = context
        box.terminal = self
        guard configure() else { throw .rejectedSetting }
    }

    private let context: Unmanaged<TerminalBox>

    deinit {
        t38_terminal_free(terminal)
        context.release()
    }

    private func configure() -> Bool {
        t38_set_t38_version(core, Int32(clamping: settings.version))
        t38_set_data_rate_management_method(core, Int32(T38_DATA_RATE_MANAGEMENT_TRANSFERRED_TCF.rawValue))
        t38_set_sequence_number_handling(core, 1)
        t38_terminal_set_config(terminal, settings.isUnpaced ? Int32(T38_TERMINAL_OPTION_NO_PACING) : 0)
        t38_terminal_set_tep_mode(terminal, settings.isUnpaced ? 0 : 1)

        let context = context.toOpaque()
        t30_set_phase_b_handler(t30, onPhaseB, context)
        t30_set_phase_d_handler(t30, onPhaseD, context)
        t30_set_phase_e_handler(t30, onPhaseE, context)
        t30_set_real_time_frame_handler(t30, onFrame, context)

        let results = [
            t30_set_tx_ident(t30, settings.identifier),
            t30_set_ecm_capability(t30, settings.errorCorrection ? 1 : 0),
            t30_set_supported_compressions(t30, settings.compressions),
            t30_set_supported_modems(t30, settings.modems),
            t30_set_supported_resolutions(t30, T38FaxSettings.resolutions),
            t30_set_supported_image_sizes(t30, T38FaxSettings.imageSizes),
        ]
        switch settings.document {
        case .send(let path, let firstPage): t30_set_tx_file(t30, path, Int32(clamping: firstPage), -1)
        case .receive(let path): t30_set_rx_file(t30, path, -1)
        }
        return results.allSatisfy { $0 == 0 }
    }

    // MARK: Driving

    /// Lets time pass: timers run and packets that are due come out. At most 20 ms (160 samples) at once keeps packets
    /// of 30 ms on time.
    package func advance(samples: Int) {
        guard !isOver else { return }
        _ = t38_terminal_send_timeout(terminal, Int32(clamping: samples))
    }

    /// Takes an IFP packet from the far end. Anything may be in it.
    package func receive(_ packet: [UInt8], sequence: UInt16) {
        guard !isOver, !packet.isEmpty else { return }
        _ = packet.withUnsafeBufferPointer {
            t38_core_rx_ifp_packet(core, $0.baseAddress, Int32(clamping: $0.count), sequence)
        }
    }

    /// The call is gone, or to be ended: T.30 goes to phase E at once. It is still a success if all that was missing is
    /// the DCN.
    package func hangUp() {
        guard !isOver else { return }
        isHangingUp = true
        t30_terminate(t30)
    }

    /// The packets to send since the last time, in order.
    package func takePackets() -> [T38Packet] {
        defer { packets.removeAll(keepingCapacity: true) }
        return packets
    }

    /// What happened since the last time, in order.
    package func takeEvents() -> [T38FaxEvent] {
        defer { events.removeAll() }
        return events
    }

    /// Whether phase E has come: nothing happens any more.
    package var hasEnded: Bool { isOver }

    /// How both machines talk, as far as that is known.
    package var negotiation: T38FaxNegotiation {
        let statistics = statistics
        return T38FaxNegotiation(
            remoteIdentifier: remoteIdentifier, bitRate: Int(statistics.bit_rate),
            errorCorrection: statistics.error_correcting_mode != 0)
    }

    private var statistics: t30_stats_t {
        var statistics = t30_stats_t()
        t30_get_transfer_statistics(t30, &statistics)
        return statistics
    }

    /// The far end's identification without anything but printable ASCII.
    private var remoteIdentifier: String {
        guard let text = t30_get_rx_ident(t30) else { return "" }
        let bytes = UnsafeBufferPointer(start: text, count: Int(T30_MAX_IDENT_LEN)).prefix { $0 != 0 }
        let printable = bytes.map { UInt8(bitPattern: $0) }.filter { (0x20...0x7E).contains($0) }
        return String(decoding: printable, as: UTF8.self).trimmingSpaces
    }

    // MARK: What libspandsp says. All of these are called inside advance, receive or hangUp.

    fileprivate func transmit(_ bytes: [UInt8], times: Int) {
        packets.append(T38Packet(bytes: bytes, repeats: max(1, times)))
        // A V.21 packet whose last field is "FCS OK, signal end": alone (paced), or behind the data of the frame
        // (unpaced).
        if finalConfirmation == .queued, bytes.count >= 3, bytes[0] == 0xC0, bytes.count == 3 || bytes[1] == 2,
            bytes.last == (settings.version == 0 ? 0x40 : 0x20)
        {
            finalConfirmation = .sent
        }
    }

    fileprivate func frame(_ frame: UnsafeBufferPointer<UInt8>, isIncoming: Bool) {
        guard frame.count >= 3 else { return }
        let command = frame[2] & 0xFE
        if isIncoming, command == UInt8(T30_DCS) {
            // DCS bits 17 and 18 are the two low bits of the third octet of its information field.
            isWidthReserved = frame.count > 5 && frame[5] & 0b11 == 0b11
        }
        // CFR ends phase B in whichever direction it goes; only now a sender's rate is settled.
        if command == UInt8(T30_CFR) { reportNegotiation() }
        if !isIncoming, command == UInt8(T30_MCF) || command == UInt8(T30_RTP), finalConfirmation == .due {
            finalConfirmation = .queued
        }
    }

    /// DIS came (sender) or DCS (receiver).
    fileprivate func phaseB() -> Int32 {
        Int32(isWidthReserved ? T30_ERR_INCOMPATIBLE : T30_ERR_OK)
    }

    /// A page was answered. libspandsp counts a page only if it was confirmed (MCF, or RTP, which asks for new
    /// training).
    fileprivate func phaseD(_ command: UInt8) {
        let statistics = statistics
        let pages = Int(pagesToSend == nil ? statistics.pages_rx : statistics.pages_tx)
        guard pages > confirmedPages else { return }
        confirmedPages = pages
        if pagesToSend == nil {
            let isLast = command == UInt8(T30_EOP) || command == UInt8(T30_PRI_EOP)
            finalConfirmation = isLast ? .due : .none
        }
        events.append(
            .page(
                T38FaxPageResult(
                    page: settings.firstPage + pages - 1, bitRate: Int(statistics.bit_rate),
                    errorCorrection: statistics.error_correcting_mode != 0, badRows: max(0, Int(statistics.bad_rows)),
                    retries: max(0, Int(statistics.error_correcting_mode_retries)))))
    }

    fileprivate func phaseE(_ code: Int32) {
        guard !isOver else { return }
        isOver = true
        var code = Int(code)
        // libspandsp takes the last EOP for the end; the sender takes our MCF for it, and without that it will send
        // again.
        if isHangingUp, pagesToSend == nil, code == 0 || code == T30Result.callDropped {
            code = finalConfirmation == .sent ? T30Result.success : T30Result.callDropped
        }
        // Never a success without the pages, whatever the protocol engine thinks.
        if code == 0, confirmedPages == 0 || confirmedPages < pagesToSend ?? 0 { code = T30Result.unconfirmedPages }
        events.append(.ended(code: code, pages: confirmedPages))
    }

    private func reportNegotiation() {
        let negotiation = negotiation
        guard negotiation != lastNegotiation else { return }
        lastNegotiation = negotiation
        events.append(.negotiated(negotiation))
    }

}

/// Leads from libspandsp's callbacks to the terminal, which owns the box through `context` and outlives every callback.
private final class TerminalBox {
    weak var terminal: T38FaxTerminal?
}

private func terminal(_ context: UnsafeMutableRawPointer?) -> T38FaxTerminal? {
    context.flatMap { Unmanaged<TerminalBox>.fromOpaque($0).takeUnretainedValue().terminal }
}

private func onPacket(
    _ core: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int32,
    _ times: Int32
) -> Int32 {
    if count > 0 {
        terminal(context)?.transmit(Array(UnsafeBufferPointer(start: bytes, count: Int(count))), times: Int(times))
    }
    return 0
}

private func onPhaseB(_ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ command: Int32) -> Int32 {
    terminal(context)?.phaseB() ?? 0
}

private func onPhaseD(_ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ command: Int32) -> Int32 {
    terminal(context)?.phaseD(UInt8(truncatingIfNeeded: command) & 0xFE)
    return 0
}

private func onPhaseE(_ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ code: Int32) {
    terminal(context)?.phaseE(code)
}

private func onFrame(
    _ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ isIncoming: Int32, _ bytes: UnsafePointer<UInt8>?,
    _ count: Int32
) {
    terminal(context)?.frame(
        UnsafeBufferPointer(start: bytes, count: max(0, Int(count))), isIncoming: isIncoming != 0)
}
