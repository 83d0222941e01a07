import CSpanDSP

/// Listens for CNG, CED and V.21 flags (T.30 4 and 5.3.1) in audio of 8,000 samples a second.
final class T30SignalDetector {
    private let calling: OpaquePointer
    private let called: OpaquePointer
    private var heard: Set<T30Signal> = []

    /// Nil when memory is out.
    init?() {
        guard let calling = modem_connect_tones_rx_init(nil, Int32(MODEM_CONNECT_TONES_FAX_CNG), nil, nil) else {
            return nil
        }
        guard
            let called = modem_connect_tones_rx_init(
                nil, Int32(MODEM_CONNECT_TONES_FAX_CED_OR_PREAMBLE), nil, nil)
        else {
            modem_connect_tones_rx_free(calling)
            return nil
        }
        self.calling = calling
        self.called = called
    }

    deinit {
        modem_connect_tones_rx_free(calling)
        modem_connect_tones_rx_free(called)
    }

    /// The signals that were heard for the first time.
    func listen(to samples: [Int16]) -> [T30Signal] {
        let count = Int32(clamping: samples.count)
        modem_connect_tones_rx(calling, samples, count)
        modem_connect_tones_rx(called, samples, count)
        return [calling, called].compactMap { signal(modem_connect_tones_rx_get($0)) }
            .filter { heard.insert($0).inserted }
    }

    private func signal(_ tone: Int32) -> T30Signal? {
        switch Int(tone) {
        case MODEM_CONNECT_TONES_FAX_CNG: .cng
        case MODEM_CONNECT_TONES_ANS, MODEM_CONNECT_TONES_ANS_PR, MODEM_CONNECT_TONES_ANSAM,
            MODEM_CONNECT_TONES_ANSAM_PR:
            .ced
        case MODEM_CONNECT_TONES_FAX_PREAMBLE: .v21
        default: nil
        }
    }
}
