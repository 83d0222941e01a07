import FaxModel

/// What the simulated world knows of a fax, apart from what the store says.
struct WatchedFax {
    let ordinal: Int
    let order: Order
    var state = FaxState.accepted
    /// As its pages are made now.
    var resolution: Resolution
    /// Pages that the far machine has, from the first on.
    var arrived = 0
    /// Pages of which the store was told.
    var reported = 0
    /// All calls.
    var attempts = 0
    /// Calls that count as dials.
    var dials = 0
    /// How often a person let it be called again.
    var releases = 0
    /// No call before, as the last decision says.
    var dueAt: Timestamp
    var queuedAt: Timestamp?
    var endedAt: Timestamp?
    /// The current run of the page worker; a crash ends it.
    var rendering = 0
    /// The store was told to withdraw it.
    var isWithdrawn = false

    var maximumDials: Int { (order.terms.maximumDials ?? RetryPolicy().maximumDials) + releases }
}

/// A call under way.
struct LiveCall {
    let fax: FaxID
    let attempt: Int
    let route: Int
    let destination: Int
    let startedAt: Timestamp
    let firstPage: Int
    var steps: ArraySlice<CallScript.Step>
    var waits: ArraySlice<Duration>
    /// Grows when the rest of the call is replaced: what was planned before does not happen.
    var version = 0

    /// The rest of the call is its end.
    mutating func cut() {
        steps = [.end(.interrupted, retryAfter: nil)]
        waits = [.seconds(2)]
        version += 1
    }
}
