import Synchronization

/// Tells those who wait that `fax_events` has new entries.
package final class EventFeed: Sendable {
    private struct Subscribers {
        var next = 0
        var all: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let subscribers = Mutex(Subscribers())

    /// Yields after each commit that wrote events; what comes while nobody looks is one signal. Ends with whoever iterates it.
    package func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key = subscribers.withLock { subscribers in
            subscribers.next += 1
            subscribers.all[subscribers.next] = continuation
            return subscribers.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.subscribers.withLock { $0.all.removeValue(forKey: key) }
        }
        return stream
    }

    func signal() {
        for continuation in subscribers.withLock({ Array($0.all.values) }) { continuation.yield() }
    }
}
