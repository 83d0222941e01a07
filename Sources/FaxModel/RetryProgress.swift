/// What a fax's calls came to so far: all that ``RetryPolicy`` needs to know of them.
package struct RetryProgress: Sendable, Hashable, Codable {
    /// Calls.
    package var dials = 0
    /// Calls in which a fax machine answered and the same page, ``page``, was not confirmed.
    package var tries = 0
    /// The first page that was not confirmed when ``tries`` was last counted.
    package var page = 0
    /// Calls that a person or a voice mail answered.
    package var humans = 0
    /// Successive calls to a number that was busy.
    package var busy = 0
    /// Successive calls that nobody answered.
    package var noAnswer = 0
    /// Where on ``CallMode/ladder`` the next call is.
    package var rung = 0
    /// Which of the routes to the number is next, from 0.
    package var route = 0
    /// Calls without success.
    package var failures = 0
    /// Whether the pages were made anew at standard resolution because the far machine takes no other.
    package var isReduced = false

    package init() {}
}
