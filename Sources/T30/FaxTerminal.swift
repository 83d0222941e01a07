import CSpanDSP
import FaxModel

/// A fax machine at the end of a line: T.30 (ITU-T T.30 (09/2005)) from phase B to phase E by libspandsp. What carries
/// it is ``T38FaxTerminal`` or ``AudioFaxTerminal``.
///
/// It has no clock and no socket. Time and what the line brings go in, what the line is to carry comes out, and what
/// happened is in ``takeEvents()``; so a whole fax can be run in a test in no time. One thread uses it, the same from
/// start to end.
///
/// A received page is not confirmed by itself: after its ``T30Event/page(_:)`` T.30 stands still until
/// ``confirmPage()``.
package class FaxTerminal {
    /// Why there is no terminal.
    package enum Failure: Error, Equatable {
        /// The TIFF file to send cannot be read, or has no page with the wanted number.
        case unreadableDocument
        /// libspandsp did not take a setting, or is out of memory.
        case rejectedSetting
    }

    /// Samples of libspandsp's clock in a second.
    package static let samplesPerSecond = 8000
    /// Frames that ``trace`` keeps.
    package static let traceLimit = 4096

    let t30: OpaquePointer
    let settings: T30Settings
    /// Pages that must be confirmed for a success; nil on a receiver, which takes what comes.
    private let pagesToSend: Int?
    private let context: Unmanaged<TerminalBox>

    private var events: [T30Event] = []
    private var frames: [T30FrameRecord] = []
    private(set) var lastNegotiation: T30Negotiation?
    /// Pages that libspandsp counts.
    private var countedPages = 0
    /// Those of them whose confirmation came, or may leave.
    package private(set) var confirmedPages = 0
    /// Stands between a received page and its confirmation.
    var hold: ConfirmationHold?
    /// How far a receiver is with the last page.
    var finalConfirmation = FinalConfirmation.none
    private var isHangingUp = false
    /// A sender: whether a frame of T.30 has left, or is about to. From here on the far machine may be reading.
    package private(set) var hasTransmitted = false
    /// A sender: the page, counted in the file, whose answer ends the document (EOP or EOM was said, or is about to be); nil before the first.
    package private(set) var askedPage: Int?
    /// A sender: the far end has said that it is ready (CFR) and a page, or the end of one, is on the line.
    private var isPageUnderWay = false
    /// The last command of ours after a page was MPS, so that the next follows its confirmation at once.
    private var isNextPageToFollow = false
    /// That command was EOM.
    private var isEndOfMessageSaid = false
    /// A page was answered with a refusal (RTN, PIN). libspandsp 0.0.6 would go on with the next page as if it were the same.
    private var isPageRejected = false
    /// Since when a sender waits for the far end to begin anew after EOM, as ``milliseconds``; nil: it does not.
    private var waitsForPhaseBSince: Int?
    private var isLeaving = false
    /// Our DCN is on its way.
    private var isDisconnecting = false
    /// libspandsp is at its end, and this side's own DCN goes out.
    private(set) var isLeavingNow = false
    /// The DCS that is being answered names a page width that does not exist; libspandsp 0.0.6 would crash on its first
    /// page.
    private var isWidthReserved = false
    /// The machine that was called is not the one that was expected.
    private var isStationWrong = false
    /// A receiver: where a document of several in a call ends.
    private var boundary = DocumentBoundary()

    /// Once the MCF of the last page is on the line the fax is complete, even if the far end hangs up without the DCN
    /// that T.30 asks for.
    enum FinalConfirmation {
        case none, due, queued, sending, sent
    }

    /// The time that ``trace`` notes, milliseconds on any clock; kept by whoever drives the terminal.
    package var milliseconds = 0
    /// Whether phase E has come: nothing happens any more.
    package private(set) var hasEnded = false

    /// - Parameters:
    ///   - t30: T.30's state within the front end that the subclass made, which it frees.
    ///   - context: what the front end's own callbacks have too, retained; released by this class.
    init(t30: OpaquePointer, settings: T30Settings, pagesToSend: Int?, context: Unmanaged<TerminalBox>) {
        self.t30 = t30
        self.settings = settings
        self.pagesToSend = pagesToSend
        self.context = context
        context._withUnsafeGuaranteedRef { $0.terminal = self }
    }

    deinit { context.release() }

    /// Pages of the document from its first on, nil for a receiver. Silences the C libraries: the first call of all.
    static func pagesToSend(of settings: T30Settings) throws(Failure) -> Int? {
        span_set_message_handler(nil)
        span_set_error_handler(nil)
        TIFFFile.silence()
        guard case .send(let path, let firstPage) = settings.document else { return nil }
        guard let file = TIFFFile(path: path), firstPage >= 0, file.pageCount > firstPage else {
            throw .unreadableDocument
        }
        return file.pageCount - firstPage
    }

    /// Tells T.30 what it is and what it has. No page header is set: it would ask for the local time zone, and the pages
    /// have theirs.
    func configure() throws(Failure) {
        let context = context.toOpaque()
        t30_set_phase_b_handler(t30, onPhaseB, context)
        t30_set_phase_d_handler(t30, onPhaseD, context)
        t30_set_phase_e_handler(t30, onPhaseE, context)
        t30_set_real_time_frame_handler(t30, onFrame, context)
        t30_set_document_handler(t30, onDocument, context)

        let results = [
            t30_set_tx_ident(t30, settings.identifier),
            t30_set_ecm_capability(t30, settings.errorCorrection ? 1 : 0),
            t30_set_supported_compressions(t30, settings.compressions),
            t30_set_supported_modems(t30, settings.modems),
            t30_set_supported_resolutions(t30, settings.resolutions),
            t30_set_supported_image_sizes(t30, T30Settings.imageSizes),
        ]
        guard results.allSatisfy({ $0 == 0 }) else { throw .rejectedSetting }
        switch settings.document {
        case .send(let path, let firstPage): select(documentFrom: firstPage, of: path)
        case .receive(let path): t30_set_rx_file(t30, path, -1)
        }
    }

    private func select(documentFrom page: Int, of path: String) {
        t30_set_tx_file(t30, path, Int32(clamping: page), settings.lastPage(ofDocumentWith: page).map { Int32(clamping: $0) } ?? -1)
    }

    // MARK: Driving

    /// The received page is safe: its confirmation may leave, and T.30 goes on from where it stood.
    package func confirmPage() {
        guard hold != nil else { return }
        confirmedPages = countedPages
        hold?.release()
    }

    /// The call is gone, or to be ended: T.30 goes to phase E at once. It is still a success if all that was missing is
    /// the DCN; a page that was not confirmed by ``confirmPage()`` never will be.
    package func hangUp() {
        guard !hasEnded else { return }
        guard !isLeavingNow else { return hasLeft() }
        isHangingUp = true
        t30_terminate(t30)
    }

    /// A sender is to end the call in good order: after the page that is on the line now, and the far end's answer to it. Then it sends DCN
    /// (T.30 5.3.6.1.9) and phase E comes, with ``T30Result/left`` unless all was confirmed.
    package func leave() {
        guard pagesToSend != nil else { return hangUp() }
        isLeaving = true
        leaveIfPossible()
    }

    /// T1 (T.30 5.4.3.1): what a sender waits for a DIS after EOM; libspandsp 0.0.6 does not.
    private static let longestWaitForPhaseB = 35_000

    /// Called after whatever brought libspandsp on, and never from within.
    func leaveIfPossible() {
        if let since = waitsForPhaseBSince, milliseconds - since > Self.longestWaitForPhaseB { isLeaving = true }
        guard isLeaving, !isPageUnderWay, !isDisconnecting, !hasEnded else { return }
        // Nothing has left that the far end could be told the end of.
        guard hasTransmitted else { return hangUp() }
        isLeavingNow = true
        // libspandsp has no call for a DCN, and its transmitter does not bear to be turned round in the middle of something.
        t30_terminate(t30)
        DisconnectSignal.frame.withUnsafeBufferPointer { frame($0, isIncoming: false) }
    }

    /// DCN has left.
    func hasLeft() {
        guard !hasEnded else { return }
        hasEnded = true
        let code = isPageRejected ? T30Result.rejectedPage : waitsForPhaseBSince == nil ? T30Result.left : T30Result.silentAfterDocument
        events.append(.ended(code: code, pages: confirmedPages))
    }

    /// What happened since the last time, in order.
    package func takeEvents() -> [T30Event] {
        // Mostly there is nothing.
        guard !events.isEmpty else { return [] }
        defer { events = [] }
        return events
    }

    /// T.30's frames in both directions, the last ``traceLimit`` of them.
    package var trace: ArraySlice<T30FrameRecord> { frames.suffix(Self.traceLimit) }

    /// Whether a page was confirmed, or counted and may still be.
    package var hasPages: Bool { countedPages > 0 }

    /// How both machines talk, as far as that is known.
    package var negotiation: T30Negotiation {
        let statistics = statistics
        return T30Negotiation(
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

    // MARK: What libspandsp says. All of these are called while the terminal is driven.

    func report(_ event: T30Event) { events.append(event) }

    func frame(_ frame: UnsafeBufferPointer<UInt8>, isIncoming: Bool) {
        if let record = T30FrameRecord(frame, isIncoming: isIncoming, milliseconds: milliseconds) {
            if frames.count == 2 * Self.traceLimit { frames.removeFirst(Self.traceLimit) }
            frames.append(record)
        }
        guard frame.count >= 3 else { return }
        let command = frame[2] & 0xFE
        if isIncoming, command == UInt8(T30_DCS) {
            // DCS bits 17 and 18 are the two low bits of the third octet of its information field.
            isWidthReserved = frame.count > 5 && frame[5] & 0b11 == 0b11
            if pagesToSend == nil, boundary.follow(DCS: frame) { events.append(.documentBegan) }
        }
        // CFR ends phase B in whichever direction it goes; only now a sender's rate is settled.
        if command == UInt8(T30_CFR) { reportNegotiation() }
        if pagesToSend != nil { follow(command, of: frame, isIncoming: isIncoming) }
        if !isIncoming, command == UInt8(T30_MCF) || command == UInt8(T30_RTP), finalConfirmation == .due {
            finalConfirmation = .queued
        }
    }

    /// Where a sender is.
    private func follow(_ command: UInt8, of frame: UnsafeBufferPointer<UInt8>, isIncoming: Bool) {
        guard !isIncoming else {
            if command == UInt8(T30_CFR) { isPageUnderWay = true }
            return
        }
        guard command != UInt8(T30_DCN) else {
            isDisconnecting = true
            return
        }
        hasTransmitted = true
        // In error correction mode the command is the second field of PPS or EOR (T.30 annex A.4.3).
        let isWrapped = frame.count > 3 && (command == UInt8(T30_PPS) || command == UInt8(T30_EOR))
        switch isWrapped ? frame[3] & 0xFE : command {
        case UInt8(T30_MPS), UInt8(T30_PRI_MPS):
            isNextPageToFollow = true
            isEndOfMessageSaid = false
        case UInt8(T30_EOP), UInt8(T30_PRI_EOP), UInt8(T30_EOM), UInt8(T30_PRI_EOM):
            isNextPageToFollow = false
            isEndOfMessageSaid = [UInt8(T30_EOM), UInt8(T30_PRI_EOM)].contains(isWrapped ? frame[3] & 0xFE : command)
            askedPage = settings.firstPage + countedPages
        default:
            break
        }
    }

    /// DIS came (sender) or DCS (receiver). An error makes libspandsp answer it with DCN.
    fileprivate func phaseB() -> Int32 {
        waitsForPhaseBSince = nil
        if isWidthReserved { return Int32(T30_ERR_INCOMPATIBLE) }
        if pagesToSend != nil, countedPages == 0, let expected = settings.expectedStation,
            !StationIdentifier.matches(remoteIdentifier, expected: expected)
        {
            isStationWrong = true
            return Int32(T30_ERR_IDENT_UNACCEPTABLE)
        }
        return Int32(T30_ERR_OK)
    }

    /// The document's last page is on the line, maybe again. Returns whether another document follows; then libspandsp says EOM and reads the
    /// file's name anew when both have negotiated.
    fileprivate func isAnotherDocumentToFollow() -> Bool {
        guard case .send(let path, let firstPage) = settings.document,
            let last = settings.lastPage(ofDocumentWith: firstPage + countedPages)
        else { return false }
        select(documentFrom: last + 1, of: path)
        return true
    }

    /// A page was answered. libspandsp counts a page only if it was confirmed (MCF, or RTP, which asks for new
    /// training), and a part of one (PPS-NULL) not at all.
    fileprivate func phaseD(_ command: UInt8) {
        isPageUnderWay = isNextPageToFollow && command == UInt8(T30_MCF) && !isLeaving
        let statistics = statistics
        let pages = Int(pagesToSend == nil ? statistics.pages_rx : statistics.pages_tx)
        if pagesToSend != nil, command == UInt8(T30_RTN) || command == UInt8(T30_PIN) {
            isPageRejected = true
            isLeaving = true
        }
        guard pages > countedPages else { return }
        countedPages = pages
        let isLast: Bool
        if let pagesToSend {
            confirmedPages = pages
            if isEndOfMessageSaid { waitsForPhaseBSince = milliseconds }
            isLast =
                pages == pagesToSend || settings.lastPage(ofDocumentWith: settings.firstPage + pages - 1) == settings.firstPage + pages - 1
        } else {
            // Not EOM: what that ends is known when it goes on.
            isLast = command == UInt8(T30_EOP) || command == UInt8(T30_PRI_EOP)
            finalConfirmation = isLast ? .due : .none
            hold = ConfirmationHold()
        }
        boundary.follow(pageWithCommand: command)
        events.append(
            .page(
                T30PageResult(
                    page: settings.firstPage + pages - 1, bitRate: Int(statistics.bit_rate),
                    errorCorrection: statistics.error_correcting_mode != 0, badRows: max(0, Int(statistics.bad_rows)),
                    retries: max(0, Int(statistics.error_correcting_mode_retries)), isLast: isLast)))
    }

    fileprivate func phaseE(_ code: Int32) {
        guard !hasEnded, !isLeavingNow else { return }
        hasEnded = true
        var code = Int(code)
        if confirmedPages < countedPages {
            code = T30Result.unstoredPage
        } else if isHangingUp, pagesToSend == nil, code == 0 || code == T30Result.callDropped {
            // libspandsp takes the last EOP for the end; the sender takes our MCF for it, and without that it will send
            // again.
            code = finalConfirmation == .sent ? T30Result.success : T30Result.callDropped
        }
        if isStationWrong { code = T30Result.unexpectedStation }
        if isPageRejected { code = T30Result.rejectedPage }
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

/// Leads from libspandsp's callbacks to the terminal, which owns the box and outlives every callback.
final class TerminalBox {
    weak var terminal: FaxTerminal?

    static func terminal(_ context: UnsafeMutableRawPointer?) -> FaxTerminal? {
        context.flatMap { Unmanaged<TerminalBox>.fromOpaque($0).takeUnretainedValue().terminal }
    }
}

private func onPhaseB(_ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ command: Int32) -> Int32 {
    TerminalBox.terminal(context)?.phaseB() ?? 0
}

private func onPhaseD(_ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ command: Int32) -> Int32 {
    TerminalBox.terminal(context)?.phaseD(UInt8(truncatingIfNeeded: command) & 0xFE)
    return 0
}

private func onDocument(_ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ status: Int32) -> Int32 {
    TerminalBox.terminal(context)?.isAnotherDocumentToFollow() == true ? 1 : 0
}

private func onPhaseE(_ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ code: Int32) {
    TerminalBox.terminal(context)?.phaseE(code)
}

private func onFrame(
    _ t30: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ isIncoming: Int32, _ bytes: UnsafePointer<UInt8>?,
    _ count: Int32
) {
    TerminalBox.terminal(context)?.frame(
        UnsafeBufferPointer(start: bytes, count: max(0, Int(count))), isIncoming: isIncoming != 0)
}
