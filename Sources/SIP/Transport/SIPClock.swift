/// Time for timers. The agent has no other; tests pass one that stands still until told to move.
package protocol SIPClock: Sendable {
    /// Runs an action once after a delay.
    /// - Returns: a handle that prevents the action if it has not begun.
    func schedule(after delay: Duration, _ action: @escaping @Sendable () async -> Void) -> SIPTimerHandle
}

/// A scheduled action.
package struct SIPTimerHandle: Sendable {
    private let onCancel: @Sendable () -> Void

    /// Builds a handle.
    package init(onCancel: @escaping @Sendable () -> Void) {
        self.onCancel = onCancel
    }

    /// Prevents the action if it has not begun.
    package func cancel() { onCancel() }
}

/// The clock of production: monotonic time, which goes on while the machine sleeps.
package struct ContinuousSIPClock: SIPClock {
    /// Builds the clock.
    package init() {}

    /// See ``SIPClock/schedule(after:_:)``.
    package func schedule(after delay: Duration, _ action: @escaping @Sendable () async -> Void) -> SIPTimerHandle {
        let task = Task {
            try? await Task.sleep(for: delay, clock: .continuous)
            guard !Task.isCancelled else { return }
            await action()
        }
        return SIPTimerHandle { task.cancel() }
    }
}
