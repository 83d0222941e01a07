package import FaxModel

/// A call whose end was recorded, for those who count.
package struct EndedAttempt: Sendable, Hashable {
    /// The route's name.
    package let route: String
    /// The call's reference.
    package let reference: String
    package let outcome: AttemptOutcome
    /// From the intent to the end of the call; with several faxes in a call, the first has all of it.
    package let duration: Duration
    /// Pages that were confirmed in this call.
    package let pages: Int
    /// The fax's state after it.
    package let state: FaxState?
}
