package import FaxModel
package import Ledger
package import Store

/// What people do to faxes that are on their way. The store decides in one commit; the dispatcher is told after it.
extension Intake {
    /// Withdraws a fax; a call that is under way is ended.
    /// - Throws: ``StoreFailure/unknownFax(_:)``, ``StoreFailure/revokedInitiator``.
    package func cancel(_ id: FaxID, by initiator: Initiator) async throws -> FaxStore.Cancellation {
        let cancellation = try await store.cancel(id, by: initiator)
        CrashPoint.reach(.cancelCommitted)
        if cancellation == .ending { endCall(id) }
        return cancellation
    }

    /// Lets a held fax go.
    /// - Returns: whether it was held.
    package func release(_ id: FaxID, by initiator: Initiator) async throws -> Bool {
        let isReleased = try await store.release(id, by: initiator)
        if isReleased { wake() }
        return isReleased
    }

    /// Says what came of an unknown outcome.
    /// - Returns: whether the outcome was unknown.
    package func reconcile(
        _ id: FaxID, as finding: FaxEvent.Finding, evidence: String, by initiator: Initiator
    ) async throws -> Bool {
        let isReconciled = try await store.reconcile(id, as: finding, evidence: evidence, by: initiator)
        if isReconciled { wake() }
        return isReconciled
    }
}
