/// When a confirmation that was held back may leave. Time is that of the line, in samples.
///
/// A sender that hears nothing repeats its command after T4, 3 s with 15 % to either side (T.30 5.4.3.1), and hears no
/// answer meanwhile; and libspandsp 0.0.6 ends a call in which a command comes again after its confirmation was
/// started. So an answer starts soon after the far end fell silent, or waits for the end of the next repetition.
struct ConfirmationHold {
    /// How long after the far end's last word an answer may start: less than its shortest T4 by a way there and back.
    static let window = 2 * FaxTerminal.samplesPerSecond
    /// Nobody who still waits is silent for so long.
    private static let longestSilence = 6 * FaxTerminal.samplesPerSecond
    /// The line is never quiet, for whatever reason: the confirmation leaves anyway.
    private static let longestWait = 8 * FaxTerminal.samplesPerSecond

    /// Since the command came.
    private(set) var elapsed = 0
    private var quietSince: Int? = 0
    private var releasedAt: Int?

    mutating func release() {
        if releasedAt == nil { releasedAt = elapsed }
    }

    mutating func advance(samples: Int, isLineBusy: Bool) {
        elapsed += samples
        if isLineBusy {
            quietSince = nil
        } else if quietSince == nil {
            quietSince = elapsed
        }
    }

    var mayEnd: Bool {
        guard let releasedAt else { return false }
        guard elapsed - releasedAt < Self.longestWait else { return true }
        guard let quietSince else { return false }
        let silence = elapsed - quietSince
        return silence <= Self.window || silence >= Self.longestSilence
    }
}
