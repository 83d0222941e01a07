import Backends
import FaxModel
import Synchronization
import WorkerProtocol

/// Does with a call what the test says, and keeps account.
final class ScriptedBackend: Backend {
    typealias Report = @Sendable (CallProgress) async throws -> Void
    typealias Script = @Sendable (OutboundCall, Report) async -> AttemptResult

    /// What was asked for.
    struct Request: Sendable {
        let reference: String
        let number: PhoneNumber
        let documents: [Int]
        let firstPage: Int
    }

    private struct State {
        var requests: [Request] = []
        var current = 0
        var most = 0
    }

    let name = "scripted"
    let associate: String?
    /// Whether calls have records of their own, and so may carry several documents.
    private let keepsRecords: Bool
    private let script: Script
    private let state = Mutex(State())

    init(associate: String? = nil, keepsRecords: Bool = false, _ script: @escaping Script) {
        self.associate = associate
        self.keepsRecords = keepsRecords
        self.script = script
    }

    var requests: [Request] { state.withLock { $0.requests } }
    /// Calls that were under way at once.
    var mostAtOnce: Int { state.withLock { $0.most } }

    func keepsRecord(ofCallTo number: PhoneNumber) -> Bool { keepsRecords }

    func send(_ call: OutboundCall, report: @escaping Report) async -> AttemptResult {
        state.withLock { state in
            state.requests.append(
                Request(reference: call.reference, number: call.number, documents: call.documents, firstPage: call.firstPage))
            state.current += 1
            state.most = max(state.most, state.current)
        }
        let result = await script(call, report)
        state.withLock { $0.current -= 1 }
        return result
    }

    /// The far end confirms these pages.
    static func confirm(_ pages: Range<Int>, _ report: Report) async throws {
        for page in pages {
            try await report(
                .pageConfirmed(PageReport(page: page, bitRate: 14_400, errorCorrection: true, badRows: 0, retries: 0)))
        }
    }

    /// A call in which everything goes well.
    static func deliver(_ call: OutboundCall, _ report: Report) async -> AttemptResult {
        do {
            try await report(.ringing)
            try await report(.answered)
            try await report(.negotiated(Negotiation(remoteIdentifier: "", bitRate: 14_400, errorCorrection: true)))
            try await confirm(call.firstPage..<call.pages, report)
            return AttemptResult(.delivered, evidence: "T.30 0")
        } catch {
            return AttemptResult(.unknown, evidence: "\(error)")
        }
    }
}
