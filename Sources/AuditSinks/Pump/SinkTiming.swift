/// How a pump waits.
package struct SinkTiming: Sendable {
    /// Without a signal it looks for records this often.
    package var poll = Duration.seconds(5)
    /// After a failure; each further one doubles it.
    package var firstPause = Duration.seconds(1)
    package var longestPause = Duration.seconds(60)
    /// How long the last delivery may take at the end.
    package var drainLimit = Duration.seconds(10)
    /// Records of a delivery.
    package var batch = 500
    /// Waits, unless the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    package init() {}

    /// - Parameter failures: one after another; from 1.
    func pause(after failures: Int) -> Duration {
        min(longestPause, firstPause * (1 << min(failures - 1, 16)))
    }
}
