import FaxModel
import Imaging
import WorkerProtocol
import Workers

/// The outcomes of the sandbox's numbers at once, without a call: no SIP, no worker, no T.30. For load tests of everything before the line,
/// and for nothing else: what it calls delivered was sent to nobody.
package struct InstantBackend: Backend {
    package init() {}

    package var name: String { "instant" }
    package var associate: String? { nil }

    package func send(
        _ call: OutboundCall, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult {
        guard let scene = SandboxScene(number: call.number) ?? (LoopbackExchange.serves(call.number.dialString) ? .delivered : nil) else {
            return result(.failed(.unallocated))
        }
        do {
            switch scene.farEnd(firstPage: call.firstPage, earlierDials: call.earlierDials) {
            case .refusal(let status, let retryAfter):
                return result(.failed(FailureCause(sipStatus: status)), retryAfter: retryAfter.map { .seconds($0) })
            case .ringing(_, let status):
                try await report(.ringing)
                return result(.failed(FailureCause(sipStatus: status)))
            case .person:
                try await report(.ringing)
                try await report(.answered)
                return result(.failed(.notFax))
            case .machine where scene == .neverReports:
                return result(.unknown)
            case .machine(let machine):
                return try await send(call, to: machine, report: report)
            }
        } catch {
            return AttemptResult(.unknown, evidence: "the call's progress could not be recorded")
        }
    }

    private func send(
        _ call: OutboundCall, to machine: FarMachine, report: (CallProgress) async throws -> Void
    ) async throws -> AttemptResult {
        try await report(.ringing)
        try await report(.answered)
        let station = machine.stationIdentifier ?? call.number.dialString
        if let expected = call.expectedStation, !StationIdentifier.matches(station, expected: expected) {
            return result(.failed(.stationMismatch))
        }
        if !machine.takesFine, Self.isFine(call) { return result(.failed(.incapable)) }
        let bitRate = min(machine.maximumBitRate, call.mode.maximumBitRate)
        let errorCorrection = machine.errorCorrection && call.mode.errorCorrection
        try await report(.negotiated(Negotiation(remoteIdentifier: station, bitRate: bitRate, errorCorrection: errorCorrection)))
        for page in call.firstPage..<max(call.firstPage, call.pages) {
            if Task.isCancelled { return result(.interrupted) }
            if page - call.firstPage == machine.droppedPage { return result(.failed(.protocolError)) }
            try await report(
                .pageConfirmed(
                    PageReport(
                        page: page, bitRate: bitRate, errorCorrection: errorCorrection, badRows: 0, retries: 0,
                        isLast: page + 1 == call.pages)))
        }
        return result(.delivered)
    }

    private func result(_ outcome: AttemptOutcome, retryAfter: Duration? = nil) -> AttemptResult {
        AttemptResult(outcome, evidence: "no call was made: this is the instant sandbox", retryAfter: retryAfter)
    }

    private static func isFine(_ call: OutboundCall) -> Bool {
        let file = ClosureRandomAccess { try call.image.read(at: $0, count: $1) }
        guard let page = try? TIFFReader(file).page(at: call.firstPage) else { return false }
        return page.resolution != .standard
    }
}
