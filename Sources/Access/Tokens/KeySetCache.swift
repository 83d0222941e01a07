import FaxModel

/// The issuer's keys, fetched when they are needed.
actor KeySetCache {
    /// Keys are fetched anew after this: an issuer that withdraws a key waits no longer for it to be forgotten.
    static let freshness: Int64 = 10 * 60 * 1000
    /// From one fetch to the next, whatever strangers write into `kid`.
    static let pause: Int64 = 30 * 1000
    /// For how long old keys are used while new ones cannot be fetched.
    static let grace: Int64 = 24 * 60 * 60 * 1000

    private let fetch: @Sendable () async throws -> [UInt8]
    private let clock: @Sendable () -> Timestamp
    private let report: @Sendable (KeySetFailure) -> Void

    private var keys: KeySet?
    private var fetchedAt: Timestamp?
    private var attemptedAt: Timestamp?
    /// Of the last fetch.
    private var failure: KeySetFailure?
    private var fetching: Task<Void, Never>?

    init(
        fetch: @escaping @Sendable () async throws -> [UInt8], clock: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (KeySetFailure) -> Void
    ) {
        self.fetch = fetch
        self.clock = clock
        self.report = report
    }

    var status: KeySetStatus {
        KeySetStatus(keys: keys?.count ?? 0, fetchedAt: fetchedAt, attemptedAt: attemptedAt, failure: failure)
    }

    /// The key of that name and for that algorithm.
    func key(_ id: String, for algorithm: SignatureAlgorithm) async throws(TokenRefusal) -> VerificationKey {
        if !(isWithin(Self.freshness, of: fetchedAt) && knows(id)), fetching != nil || !isWithin(Self.pause, of: attemptedAt) {
            let task = fetching ?? start()
            // While the issuer is known to be down, nobody waits for it who can do without.
            if failure == nil || !knows(id) || !isUsable { await task.value }
        }
        guard let keys, isUsable else { throw .keysUnavailable }
        if failure != nil, !knows(id) { throw .keysUnavailable }
        return try keys.key(id, for: algorithm)
    }

    /// Waits for the fetch that may be under way.
    func settle() async {
        await fetching?.value
    }

    /// A task of its own: the request that happens to start it may be cancelled, the others still wait for it.
    private func start() -> Task<Void, Never> {
        attemptedAt = clock()
        let task = Task { await refresh() }
        fetching = task
        return task
    }

    private func refresh() async {
        do {
            guard let new = KeySet(json: try await fetch()) else { throw KeySetFailure.notAKeySet }
            keys = new
            fetchedAt = clock()
            failure = nil
        } catch {
            let failure = error as? KeySetFailure ?? .unreachable(reason: String("\(error)".prefix(200)))
            self.failure = failure
            report(failure)
        }
        fetching = nil
    }

    private func knows(_ id: String) -> Bool { keys?.contains(id) ?? false }

    /// A clock that went back makes keys old, and lasts no longer than the next fetch.
    private var isUsable: Bool {
        fetchedAt.map { clock().milliseconds - $0.milliseconds <= Self.grace } ?? false
    }

    private func isWithin(_ milliseconds: Int64, of moment: Timestamp?) -> Bool {
        moment.map { (0..<milliseconds).contains(clock().milliseconds - $0.milliseconds) } ?? false
    }
}
