import CSpanDSP

/// A fax machine at the end of a telephone line: 16-bit linear audio at 8,000 samples a second in both directions, with
/// CNG, CED and the modems of T.30.
package final class AudioFaxTerminal: FaxTerminal {
    /// Samples of a tick of 20 ms: a whole number of symbols of every modem there is.
    package static let samplesPerTick = 160

    private let fax: OpaquePointer
    private let detector: T30SignalDetector
    /// What is left of our own DCN.
    private var disconnect: ArraySlice<Int16>?

    /// Root mean square of what is no silence: -43 dBm0, where T.30's carrier detection begins.
    private static let quietest = 115

    package init(_ settings: T30Settings) throws(Failure) {
        let pagesToSend = try Self.pagesToSend(of: settings)
        guard let detector = T30SignalDetector(), let fax = fax_init(nil, settings.isCaller ? 1 : 0) else {
            throw .rejectedSetting
        }
        guard let t30 = fax_get_t30_state(fax) else {
            fax_free(fax)
            throw .rejectedSetting
        }
        self.fax = fax
        self.detector = detector
        super.init(
            t30: t30, settings: settings, pagesToSend: pagesToSend, context: Unmanaged.passRetained(TerminalBox()))
        fax_set_transmit_on_idle(fax, 1)
        try configure()
    }

    deinit { fax_free(fax) }

    /// A tick: the far end's next ``samplesPerTick`` samples, for those that are to go out. Silence goes out while a
    /// confirmation is held back, and after the end.
    package func exchange(_ received: [Int16]) -> [Int16] {
        var sent = [Int16](repeating: 0, count: Self.samplesPerTick)
        guard !hasEnded, !received.isEmpty else { return sent }
        if isLeavingNow { return nextOfDisconnect() }
        if lastNegotiation == nil {
            for signal in detector.listen(to: received) { report(.heard(signal)) }
        }
        if hold != nil {
            hold?.advance(samples: received.count, isLineBusy: Self.isSound(received))
            guard hold?.mayEnd == true else { return sent }
            hold = nil
        }
        var received = received
        _ = fax_rx(fax, &received, Int32(clamping: received.count))
        leaveIfPossible()
        guard hold == nil, !hasEnded, !isLeavingNow else { return sent }
        _ = fax_tx(fax, &sent, Int32(sent.count))
        followFinalConfirmation(sent)
        return sent
    }

    private func nextOfDisconnect() -> [Int16] {
        let rest = disconnect ?? DisconnectSignal.samples()[...]
        disconnect = rest.dropFirst(Self.samplesPerTick)
        if disconnect?.isEmpty == true { hasLeft() }
        return rest.prefix(Self.samplesPerTick) + [Int16](repeating: 0, count: max(0, Self.samplesPerTick - rest.count))
    }

    /// V.21 has no pause: the confirmation has left when the sound of it is over.
    private func followFinalConfirmation(_ sent: [Int16]) {
        if finalConfirmation == .queued, sent.contains(where: { $0 != 0 }) { finalConfirmation = .sending }
        if finalConfirmation == .sending, sent.suffix(8).allSatisfy({ $0 == 0 }) { finalConfirmation = .sent }
    }

    private static func isSound(_ samples: [Int16]) -> Bool {
        samples.reduce(0) { $0 + Int($1) * Int($1) } > quietest * quietest * samples.count
    }
}
