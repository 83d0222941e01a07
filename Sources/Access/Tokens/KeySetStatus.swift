package import FaxModel

/// How it stands with the issuer's keys, for health checks.
package struct KeySetStatus: Sendable, Hashable {
    /// Keys that can check tokens or belong to the issuer otherwise.
    package let keys: Int
    /// The last fetch that succeeded.
    package let fetchedAt: Timestamp?
    /// The last fetch of all.
    package let attemptedAt: Timestamp?
    /// Why the last fetch failed; nil when it did not.
    package let failure: KeySetFailure?
}
