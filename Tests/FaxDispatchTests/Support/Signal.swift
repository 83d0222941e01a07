import Synchronization

/// Something that happens and is waited for: each ``send()`` lets one ``wait(times:)`` go one step on.
final class Signal: Sendable {
    private struct State {
        var sent = 0
        var lastWaiter = 0
        var waiters: [(id: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func send() {
        let waiter = state.withLock { state in
            if state.waiters.isEmpty {
                state.sent += 1
                return CheckedContinuation<Void, Never>?.none
            }
            return state.waiters.removeFirst().continuation
        }
        waiter?.resume()
    }

    /// Also ends when the task is cancelled.
    func wait(times: Int = 1) async {
        for _ in 0..<times { await waitOnce() }
    }

    private func waitOnce() async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled { return true }
                    if state.sent > 0 {
                        state.sent -= 1
                        return true
                    }
                    state.waiters.append((id, continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
            }
            waiter?.resume()
        }
    }
}
