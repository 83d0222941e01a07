import HTTPTypes
import Synchronization

/// Requests with an `Idempotency-Key` that are being read: of two with one key, the second is told to wait.
final class IdempotencyGate: Sendable {
    private struct Place: Hashable {
        let owner: String
        let key: IdempotencyKey
    }

    private let busy = Mutex<Set<Place>>([])

    /// Runs `body`, unless a request of this owner with the same key is under way.
    /// - Throws: 409, or what `body` throws.
    func pass<Value>(_ key: IdempotencyKey?, of owner: String, _ body: () async throws -> Value) async throws -> Value {
        guard let key else { return try await body() }
        let place = Place(owner: owner, key: key)
        guard busy.withLock({ $0.insert(place).inserted }) else { throw Self.underWay }
        defer { busy.withLock { _ = $0.remove(place) } }
        return try await body()
    }

    /// Section 2.7 of the draft: the first request is not done.
    static let underWay = Problem(
        .conflict, "A request with this Idempotency-Key is being handled. Repeat it in a moment.", retryAfter: 1, closesConnection: true)
    /// Section 2.7: the key belongs to another request.
    static let reused = Problem(
        .unprocessableContent, "This Idempotency-Key was used for another request. Take a new one.", closesConnection: true)
}
