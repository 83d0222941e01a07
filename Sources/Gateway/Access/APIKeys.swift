import Access
package import FaxModel
import HTTPTypes
package import Ledger
package import Store
import Synchronization

/// The keys of the API: all of them in memory, every change in the database first.
package final class APIKeys: Sendable {
    private struct State {
        var keys: [String: APIKeyRecord]
        /// Grows with each change that reads the database again.
        var generation = 0
        /// Uses since the last ``flushUses()``.
        var uses: [String: Timestamp] = [:]
    }

    private let store: FaxStore
    private let bootstrapHash: [UInt8]?
    /// Whether a request needs a credential.
    let isRequired: Bool
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

    /// Whose key `token` is, or nil when it is wrong, expired or revoked.
    func principal(presenting token: String) -> Principal? {
        if let bootstrapHash, isEqualInConstantTime(hash(ofSecret: token), bootstrapHash) { return .bootstrap }
        guard let token = APIToken(token) else { return nil }
        let now = clock()
        let key = state.withLock { state in
            guard let key = state.keys[token.keyID], key.isValid(at: now),
                isEqualInConstantTime(token.hash, key.secretHash)
            else { return nil as APIKeyRecord? }
            return key
        }
        return key.map { key in
            Principal(
                id: key.id, kind: .key, owner: key.owner, scopes: key.scopes, grants: Grants(key.grants), addresses: key.addresses,
                expiresAt: key.expiresAt)
        }
    }

    /// Notes that a key was used. Not at each look at it: a stolen key that comes from a wrong address was not used.
    func used(_ id: String) {
        let now = clock()
        state.withLock { state in
            if state.keys[id] != nil { state.uses[id] = now }
        }
    }

    /// Makes a key. Its token is in the result and nowhere else.
    /// - Parameters:
    ///   - addresses: from where it may be used, as CIDR ranges; empty: from everywhere.
    ///   - emergency: why it is opened, for an emergency key.
    package func create(
        name: String, owner: String, scopes: Set<Scope>, expiresAt: Timestamp?, note: String, addresses: [String] = [],
        grants: [GrantRecord] = [], emergency reason: String? = nil, by initiator: Initiator
    ) async throws -> (key: APIKeyRecord, token: String) {
        let token = APIToken()
        let key = APIKeyRecord(
            id: token.keyID, secretHash: token.hash, scopes: scopes, name: name, owner: owner, note: note, addresses: addresses,
            grants: grants, createdAt: clock(), expiresAt: expiresAt)
        var generation = state.withLock { $0.generation }
        try await store.save(key, emergency: reason, by: initiator)
        var candidate: APIKeyRecord? = key
        while let living = candidate {
            let (isSure, current) = state.withLock { state in
                if state.generation == generation { state.keys[living.id] = living }
                return (state.generation == generation, state.generation)
            }
            if isSure { break }
            // Its owner may have been revoked since: then the database knows.
            generation = current
            candidate = try await store.apiKeys().first { $0.id == living.id && $0.revokedAt == nil }
        }
        return (key, token.text)
    }

    /// A key that is still good, or nil.
    func key(_ id: String) -> APIKeyRecord? {
        state.withLock { $0.keys[id] }.flatMap { $0.isValid(at: clock()) ? $0 : nil }
    }

    /// Ends all keys and links of a person, at once.
    /// - Returns: the ids of the keys that were still good.
    func revoke(person: String, by initiator: Initiator) async throws -> [String] {
        let ids = try await store.revokePerson(person, by: initiator)
        state.withLock { state in
            state.generation += 1
            for id in ids { state.keys[id] = nil }
        }
        return ids
    }

    /// Replaces what a key has been granted. When the database cannot be read after the change, the key is good for nothing until the next
    /// start: its old grants may be wider.
    /// - Returns: false when there is no such key, or none that is still good.
    func setGrants(_ grants: [GrantRecord], of id: String, by initiator: Initiator) async throws -> Bool {
        guard try await store.setGrants(grants, ofKey: id, by: initiator) else { return false }
        while true {
            // Of two requests at the same time, what the database has last counts.
            let generation = state.withLock { state in
                state.generation += 1
                return state.generation
            }
            let stored: [GrantRecord]
            do {
                stored = try await store.grants(ofKey: id)
            } catch {
                state.withLock { $0.keys[id] = nil }
                throw error
            }
            let isSure = state.withLock { state in
                guard state.generation == generation else { return false }
                if let key = state.keys[id] { state.keys[id] = key.with(secretHash: key.secretHash, grants: stored) }
                return true
            }
            if isSure { return true }
        }
    }

    /// All keys with their last uses.
    func list() async throws -> [APIKeyRecord] {
        try await flushUses()
        return try await store.apiKeys()
    }

    /// Ends a key, the emergency keys that it opened, and the links of these.
    /// - Returns: false when there is no such key, or none that is still good.
    func revoke(_ id: String, by initiator: Initiator) async throws -> Bool {
        let ids = try await store.revokeKey(id, by: initiator)
        guard !ids.isEmpty else { return false }
        state.withLock { state in
            // An emergency key that is on its way into memory must not get there.
            state.generation += 1
            for id in ids { state.keys[id] = nil }
        }
        return true
    }

    /// Gives a key a new secret; the old one is worthless at once.
    ///
    /// - Returns: nil when there is no such key, or none that is still good.
    /// - Throws: a 409 ``Problem`` when another request changes the key at the same time: of two secrets, one would be good in
    ///   memory and the other in the database.
    func rotate(_ id: String, by initiator: Initiator) async throws -> (key: APIKeyRecord, token: String)? {
        guard let old = state.withLock({ $0.keys[id] }), old.isValid(at: clock()) else { return nil }
        let token = APIToken(keyID: id)
        guard try await store.rotateKey(id, from: old.secretHash, to: token.hash, by: initiator) else { throw Problem.keyIsChanging }
        return state.withLock { state in
            // A revocation that was committed after the rotation is not undone.
            guard let key = state.keys[id]?.with(secretHash: token.hash) else { return nil }
            state.keys[id] = key
            return (key, token.text)
        }
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

    static let unauthorized = Problem(.unauthorized, "Invalid or missing API key", closesConnection: true)
}

extension APIKeyRecord {
    /// The same key with another secret and other grants.
    fileprivate func with(secretHash: [UInt8], grants: [GrantRecord]? = nil) -> APIKeyRecord {
        APIKeyRecord(
            id: id, secretHash: secretHash, scopes: scopes, name: name, owner: owner, note: note, addresses: addresses,
            grants: grants ?? self.grants, createdAt: createdAt, expiresAt: expiresAt, lastUsedAt: lastUsedAt, revokedAt: revokedAt)
    }
}
