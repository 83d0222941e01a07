import Backends
package import FaxModel
import Ledger
package import Store
import Synchronization

/// No PHI goes to a provider without an agreement in force (45 CFR 164.308(b)(1), 164.502(e)(1)).
package final class AgreementRule: Sendable {
    /// The provider has none.
    package struct Missing: Error, CustomStringConvertible {
        package let provider: String
        package var description: String {
            "there is no agreement in force with \(provider); record it with faxlock associates record \(provider)"
        }
    }

    /// The event is not repeated sooner: a queue that waits tries often.
    private static let quietTime = Duration.seconds(3600)

    private let store: FaxStore
    private let associate: String?
    private let clock: @Sendable () -> Timestamp
    /// By provider.
    private let lastRecorded = Mutex<[String: Timestamp]>([:])

    /// - Parameter associate: the preferred backend's; nil where faxes leave by a line of one's own, and nothing is asked.
    package init(store: FaxStore, associate: String?, clock: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.associate = associate
        self.clock = clock
    }

    /// For a fax that is to be taken in.
    /// - Throws: ``Missing``, which is in the ledger then, at most once an hour; or the database's error.
    package func require() async throws { try await require(associate) }

    /// For a call by `backend`. Throws as ``require()`` does.
    func require(by backend: any Backend) async throws { try await require(backend.associate) }

    private func require(_ associate: String?) async throws {
        guard let associate else { return }
        if try await store.hasAgreement(with: associate) { return }
        let now = clock()
        let isDue = lastRecorded.withLock { last in
            if let last = last[associate], now < last.advanced(by: Self.quietTime) { return false }
            last[associate] = now
            return true
        }
        if isDue {
            do {
                try await store.record(LedgerEvent(.associateMissing, object: "associate/\(associate)", by: .system, outcome: .denied))
            } catch {
                lastRecorded.withLock { $0[associate] = nil }
                throw error
            }
        }
        throw Missing(provider: associate)
    }
}
