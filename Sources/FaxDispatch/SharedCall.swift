import Backends
import FaxModel
import Store
import WorkerProtocol
import Workers

/// One call and the faxes that go in it: mostly one, or several of one destination. Knows whose each page of the call's file is.
actor SharedCall {
    /// A fax in the call.
    struct Part: Sendable {
        let fax: FaxID
        let attempt: Int
        /// Pages of the fax.
        let pages: Int
        /// Those of them that earlier calls brought.
        let firstPage: Int
    }

    /// How the call ended for one of its faxes.
    struct Ending: Sendable, Equatable {
        let outcome: AttemptOutcome
        let evidence: String
    }

    let parts: [Part]
    private let store: FaxStore
    private let clock: @Sendable () -> Timestamp
    /// Pages of which the database knows that they are confirmed, of all faxes of the call together.
    private var confirmed = 0

    init(_ parts: [Part], store: FaxStore, clock: @escaping @Sendable () -> Timestamp) {
        self.parts = parts
        self.store = store
        self.clock = clock
    }

    /// Commits what happened in the call.
    func record(_ progress: CallProgress) async throws {
        switch progress {
        case .ringing: break
        case .answered:
            for part in parts { try await store.attemptStarted(part.fax, attempt: part.attempt) }
            CrashPoint.reach(.callAnswered)
        case .negotiated(let facts):
            for part in parts {
                try await store.attemptNegotiated(
                    part.fax, attempt: part.attempt, remoteIdentifier: facts.remoteIdentifier, bitRate: facts.bitRate,
                    errorCorrection: facts.errorCorrection)
            }
            CrashPoint.reach(.callNegotiated)
        case .pageConfirmed(let report):
            guard let (part, page) = owner(ofPage: report.page) else { return }
            try await store.pageConfirmed(
                part.fax, attempt: part.attempt,
                page: PageRecord(
                    page: page, bitRate: report.bitRate, errorCorrection: report.errorCorrection,
                    badRows: report.badRows, retries: report.retries, confirmedAt: clock()))
            confirmed += 1
            CrashPoint.reach(.pageConfirmed)
        }
    }

    /// Whose a page of the file is, and which of its pages.
    private func owner(ofPage page: Int) -> (part: Part, page: Int)? {
        var offset = 0
        for part in parts {
            if page < offset + part.pages { return (part, page - offset) }
            offset += part.pages
        }
        return nil
    }

    /// What the call's end means for each of its faxes.
    func endings(_ result: AttemptResult) -> [Ending] {
        Self.endings(result, pages: parts.map { $0.pages - $0.firstPage }, confirmed: confirmed)
    }

    /// - Parameters:
    ///   - pages: to be sent of each fax, in order.
    ///   - confirmed: of all of them together.
    static func endings(_ result: AttemptResult, pages: [Int], confirmed: Int) -> [Ending] {
        guard pages.count > 1 else { return [Ending(outcome: result.outcome, evidence: result.evidence)] }
        var end = 0
        var isOver = false
        return pages.indices.map { index in
            let place = "fax \(index + 1) of \(pages.count) in the call"
            end += pages[index]
            if isOver {
                // Where nobody knows how far the call came, it may have come to this one: its record tells.
                return result.outcome == .unknown
                    ? Ending(outcome: .unknown, evidence: "\(result.evidence); \(place)")
                    : Ending(outcome: .notDialled, evidence: "the call ended before its turn; \(place)")
            }
            // The end of a document was confirmed with its last page, whatever became of those after it.
            if result.outcome == .delivered || confirmed >= end && index < pages.count - 1 {
                return Ending(outcome: .delivered, evidence: "every page was confirmed; \(place)")
            }
            isOver = true
            return Ending(outcome: result.outcome, evidence: "\(result.evidence); \(place)")
        }
    }
}
