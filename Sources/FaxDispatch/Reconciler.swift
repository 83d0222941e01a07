import Backends
import FaxModel
import Ledger
package import Logging
package import Store
import Workers

/// Finds out what came of calls whose outcome was lost, from the records that line workers keep of their own.
///
/// What no record tells stays unknown until a person says what came of it.
package struct Reconciler: Sendable {
    private let store: FaxStore
    private let records: String
    private let logger: Logger

    /// - Parameter records: the folder of call records.
    package init(store: FaxStore, records: String, logger: Logger) {
        self.store = store
        self.records = records
        self.logger = logger
    }

    /// Looks at calls that are over: at what the last stop left, after ``FaxStore/recoverAfterStop()``, and at those that ended with an unknown
    /// outcome. Beside the dispatcher.
    /// - Parameter references: of their records: at the start those that are there, see ``CallRecordFile/references(in:)``.
    /// - Returns: how many outcomes are known now, and whether a worker of the last server is still in its call: then look again later.
    package func run(_ references: [String]) async throws -> (known: Int, isAnyUnderWay: Bool) {
        let mine = Set(references)
        var known = 0
        var isAnyUnderWay = false
        for lost in try await store.unreconciled(limit: -1) {
            guard let reference = lost.reference.map(CallReference.call(of:)), let pages = lost.pages, mine.contains(reference) else {
                continue
            }
            do {
                switch try await settle(lost, reference, pages: pages) {
                case .known: known += 1
                case .underWay: isAnyUnderWay = true
                case .unknown: break
                }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.error("a call record cannot be used yet", metadata: ["fax": "\(lost.fax)", "error": "\(error)"])
                isAnyUnderWay = true
            }
        }
        // The others belong to calls whose end was committed, or that were never intended.
        let open = Set(
            try await store.unreconciled(limit: -1).compactMap { $0.reference.map(CallReference.call(of:)) }
                + store.openCalls().map(CallReference.call(of:)))
        for reference in mine.subtracting(open) { try? await CallRecordFile.remove(reference, in: records) }
        return (known, isAnyUnderWay)
    }

    private enum Settling { case known, underWay, unknown }

    private func settle(_ lost: FaxStore.Unreconciled, _ reference: String, pages: Int) async throws -> Settling {
        let path = try CallRecordFile.path(of: reference, in: records)
        let record: CallRecord
        switch try await CallRecord.read(path, waiting: .seconds(1)) {
        case .missing: return .unknown
        case .underWay: return .underWay
        case .found(let found): record = found
        }
        let (finding, confirmed, evidence): (FaxEvent.Finding, Int, String)
        let found = record.finding(pages: pages, firstPage: lost.firstPage, offset: lost.offset)
        switch found {
        case .delivered: (finding, confirmed, evidence) = (.delivered, pages, "every page was confirmed")
        case .neverTransmitted: (finding, confirmed, evidence) = (.notDelivered, lost.firstPage, "nothing was transmitted")
        case .notDelivered(let count): (finding, confirmed, evidence) = (.notDelivered, count, "\(count) of \(pages) pages were confirmed")
        case .uncertain: return .unknown
        }
        guard
            try await store.reconcile(
                lost.fax, as: finding, evidence: "by the call's own record, \(evidence)", by: .system, confirmedPages: confirmed,
                countsDial: found != .neverTransmitted || lost.offset == 0)
        else { return .unknown }
        logger.notice("an unknown outcome is known", metadata: ["fax": "\(lost.fax)", "finding": "\(finding.rawValue)"])
        CrashPoint.reach(.reconciled)
        return .known
    }
}
