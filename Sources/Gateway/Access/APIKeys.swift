package import FaxModel
import HTTPTypes
package import Store
import Synchronization

/// The keys of the API: all of them in memory, every change in the database first.
package final class APIKeys: Sendable {
    private struct State {
        var keys: [String: APIKeyRecord]
        /// Uses since the last ``flushUses()``.
        var uses: [String: Timestamp] = [:]
    }

    private let store: FaxStore
    private let bootstrapHash: [UInt8]?
    private let isRequired: Bool
    private let clock: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// - Parameters:
    ///   - bootstrap: `API_KEY`, which has all scopes.
    ///   - isRequired: `REQUIRE_API_KEY`; when false, a request without a key may do everything.
    package init(
        store: FaxStore, bootstrap: String?, isRequired: Bool, clock: @escaping @Sendable () -> Timestamp
    ) async throws {
        self.store = store
        bootstrapHash = bootstrap.map { hash(ofSecret: $0) }
        self.isRequired = isRequired
        self.clock = clock
        let keys = try await store.apiKeys()
        state = Mutex(State(keys: Dictionary(uniqueKeysWithValues: keys.map { ($0.id, $0) })))
    }

    /// Whether any request could be authorised: a server with no key at all opens to nobody.
    package var isEmpty: Bool {
        bootstrapHash == nil && state.withLock { state in state.keys.values.allSatisfy { !$0.isValid(at: clock()) } }
    }

    /// Who presented `token`.
    /// - Throws: a 401 ``Problem`` when it is missing, wrong, expired or revoked.
    func principal(presenting token: String?) throws(Problem) -> Principal {
        guard let token, !token.isEmpty else {
            if !isRequired { return .anonymous }
            throw Self.unauthorized
        }
        if let bootstrapHash, isEqualInConstantTime(hash(ofSecret: token), bootstrapHash) { return .bootstrap }
        guard let token = APIToken(token) else { throw Self.unauthorized }
        let now = clock()
        let key = state.withLock { state in
            guard let key = state.keys[token.keyID], key.isValid(at: now),
                isEqualInConstantTime(token.hash, key.secretHash)
            else { return nil as APIKeyRecord? }
            state.uses[key.id] = now
            return key
        }
        guard let key else { throw Self.unauthorized }
        return Principal(id: key.id, scopes: key.scopes)
    }

    /// Makes a key. Its token is in the result and nowhere else.
    package func create(
        name: String, owner: String, scopes: Set<Scope>, expiresAt: Timestamp?, note: String
    ) async throws -> (key: APIKeyRecord, token: String) {
        let token = APIToken()
        let key = APIKeyRecord(
            id: token.keyID, secretHash: token.hash, scopes: scopes, name: name, owner: owner, note: note, createdAt: clock(),
            expiresAt: expiresAt)
        try await store.save(key)
        state.withLock { $0.keys[key.id] = key }
        return (key, token.text)
    }

    /// All keys with their last uses.
    func list() async throws -> [APIKeyRecord] {
        try await flushUses()
        return try await store.apiKeys()
    }

    /// - Returns: false when there is no such key, or none that is still good.
    func revoke(_ id: String) async throws -> Bool {
        guard try await store.revokeKey(id) else { return false }
        state.withLock { _ = $0.keys.removeValue(forKey: id) }
        return true
    }

    /// Gives a key a new secret; the old one is worthless at once.
    ///
    /// - Returns: nil when there is no such key, or none that is still good.
    /// - Throws: a 409 ``Problem`` when another request changes the key at the same time: of two secrets, one would be good in
    ///   memory and the other in the database.
    func rotate(_ id: String) async throws -> (key: APIKeyRecord, token: String)? {
        guard let old = state.withLock({ $0.keys[id] }), old.isValid(at: clock()) else { return nil }
        let token = APIToken(keyID: id)
        let key = APIKeyRecord(
            id: id, secretHash: token.hash, scopes: old.scopes, name: old.name, owner: old.owner, note: old.note,
            createdAt: old.createdAt, expiresAt: old.expiresAt, lastUsedAt: old.lastUsedAt)
        guard try await store.rotateKey(id, from: old.secretHash, to: token.hash) else { throw Problem.keyIsChanging }
        let isRevoked = state.withLock { state in
            // A revocation that was committed after the rotation is not undone.
            guard state.keys[id] != nil else { return true }
            state.keys[id] = key
            return false
        }
        return isRevoked ? nil : (key, token.text)
    }

    /// Writes down when keys were last used: now and then, not at each request.
    package func flushUses() async throws {
        let uses = state.withLock { state in
            defer { state.uses = [:] }
            return state.uses
        }
        guard !uses.isEmpty else { return }
        do {
            try await store.keysUsed(uses)
        } catch {
            state.withLock { $0.uses.merge(uses) { newer, _ in newer } }
            throw error
        }
    }

    private static let unauthorized = Problem(.unauthorized, "Invalid or missing API key", closesConnection: true)
}
