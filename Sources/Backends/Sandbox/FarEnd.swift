/// How the far end behaves in one call of the sandbox.
enum FarEnd: Sendable, Equatable {
    /// A SIP status, 400 to 699, and the seconds of its Retry-After.
    case refusal(status: Int, retryAfter: Int? = nil)
    /// It rings, and then the network gives up.
    case ringing(for: Duration, status: Int)
    /// Somebody answers, and hangs up after a while.
    case person(staying: Duration)
    case machine(FarMachine)
}

/// A fax machine that answers: by default one that can do all that this server can.
struct FarMachine: Sendable, Equatable {
    /// What it calls itself (CSI); nil: the number that was dialled.
    var stationIdentifier: String?
    /// Whether it has error correction (T.30 annex A).
    var errorCorrection = true
    /// Its fastest modem, bit/s.
    var maximumBitRate = 14400
    /// Whether it takes more than standard resolution.
    var takesFine = true
    /// How many trainings fail before one succeeds.
    var failedTrainings = 0
    /// The page of the call, from 0, which it does not confirm: it hangs up.
    var droppedPage: Int?
    /// Whether it keeps to the speed of its modem where others of the loopback run as fast as they can.
    var isPaced = false
}
