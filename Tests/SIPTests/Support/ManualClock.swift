import SIP
import Synchronization

/// Time that moves only when told to. ``advance(by:)`` returns when every action that fell due has run to its end.
final class ManualClock: SIPClock {
    private struct State {
        var now = Duration.zero
        var lastSerial: UInt64 = 0
        var entries: [UInt64: (due: Duration, action: @Sendable () async -> Void)] = [:]
    }

    private let state = Mutex(State())

    func schedule(after delay: Duration, _ action: @escaping @Sendable () async -> Void) -> SIPTimerHandle {
        let serial = state.withLock { state in
            state.lastSerial += 1
            state.entries[state.lastSerial] = (state.now + delay, action)
            return state.lastSerial
        }
        return SIPTimerHandle { [weak self] in
            self?.state.withLock { _ = $0.entries.removeValue(forKey: serial) }
        }
    }

    /// Timers that wait.
    var pendingCount: Int { state.withLock(\.entries.count) }

    /// Returns when exactly so many timers wait: what starts or stops them runs elsewhere.
    func wait(forPending count: Int) async {
        while pendingCount != count { try? await Task.sleep(for: .milliseconds(1)) }
    }

    func advance(by duration: Duration) async {
        let target = state.withLock { $0.now + duration }
        while let action = takeDue(before: target) { await action() }
        state.withLock { $0.now = target }
    }

    private func takeDue(before target: Duration) -> (@Sendable () async -> Void)? {
        state.withLock { state in
            let next = state.entries.filter { $0.value.due <= target }
                .min { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
            guard let next else { return nil }
            state.now = next.value.due
            state.entries.removeValue(forKey: next.key)
            return next.value.action
        }
    }
}
