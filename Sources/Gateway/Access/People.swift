package import FaxModel
import Ledger
package import Store
import Synchronization

/// People who sign in with bearer tokens: until when their tokens are refused, and who has signed in lately.
package final class People: Sendable {
    private struct State {
        /// What the database says; nil inside: nothing.
        var revocations: [String: Timestamp?] = [:]
        var signIns: [String: Timestamp] = [:]
    }

    /// One event of a person in this time.
    private static let memory = Duration.seconds(15 * 60)
    /// People that are remembered at a time.
    private static let capacity = 10_000

    /// By how much the issuer's clock may be ahead: an `iat` of the near future is accepted, so it must not outlast a revocation.
    private static let skew = Duration.seconds(60)

    private let store: FaxStore
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    package init(store: FaxStore, clock: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.clock = clock
    }

    /// Whether a token of `person` is refused because its holder was revoked after it was issued.
    /// - Parameter issuedAt: its `iat`; a token without one is refused from the first revocation on, and one that says up to a minute
    ///   after it too.
    func isRevoked(_ person: String, issuedAt: Timestamp?) async throws -> Bool {
        guard let revokedAt = try await revocation(of: person) else { return false }
        return issuedAt.map { $0 <= revokedAt.advanced(by: Self.skew) } ?? true
    }

    private func revocation(of person: String) async throws -> Timestamp? {
        if let known = state.withLock({ $0.revocations[person] }) { return known }
        let stored = try await store.revocation(ofPerson: person)
        return state.withLock { state in
            // A revocation that was committed in the meantime is there already.
            if let known = state.revocations[person] { return known }
            // Revocations stay: one that is being read just now must not be forgotten under it.
            if state.revocations.count >= Self.capacity { state.revocations = state.revocations.filter { $0.value != nil } }
            if state.revocations.count < Self.capacity { state.revocations[person] = .some(stored) }
            return stored
        }
    }

    /// From now on, tokens issued so far are refused. Called after the database has it.
    func revoked(_ person: String) {
        let now = clock()
        state.withLock { state in
            state.revocations[person] = .some(now)
            state.signIns[person] = nil
        }
    }

    /// Records that a person came, unless that was recorded a short while ago.
    func signedIn(_ person: String, as initiator: Initiator) async throws {
        let now = clock()
        let isNew = state.withLock { state in
            if let last = state.signIns[person], now < last.advanced(by: Self.memory) { return false }
            if state.signIns.count >= Self.capacity { state.signIns = [:] }
            state.signIns[person] = now
            return true
        }
        guard isNew else { return }
        do {
            try await store.record(LedgerEvent(.signInSucceeded, object: initiator.id, by: initiator))
        } catch {
            state.withLock { $0.signIns[person] = nil }
            throw error
        }
    }
}
