package import FaxModel

/// How a sink is doing, for the doctor and for readiness.
package struct SinkStatus: Sendable, Hashable {
    package let name: String
    /// What was delivered.
    package var position: SinkPosition
    /// When something was delivered last, or there was found to be nothing to deliver. Nil since the start.
    package var lastSuccess: Timestamp?
    /// Why the last attempt failed, without secrets; nil when it did not.
    package var lastError: String?
    /// Since when something waits that was not delivered; nil when nothing does.
    package var backlogSince: Timestamp?
}
