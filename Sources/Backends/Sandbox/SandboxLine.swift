package import FaxModel
package import SIP
import WorkerProtocol
package import Workers

/// The line to the loopback exchange. At the sandbox's numbers it calls as the scene needs it; the calls are real ones all the same: SIP,
/// workers, T.30.
package struct SandboxLine: Backend {
    private let exchange: LoopbackExchange
    /// T.38 alone, as fast as both ends can unless told otherwise.
    private let line: OwnLine
    /// At the speed of a modem.
    private let pacedLine: OwnLine
    /// With audio, in which a person can be heard.
    private let audioLine: OwnLine

    /// - Parameter agent: places the calls; bound to a loopback address.
    package init(
        agent: UserAgent, worker: CallWorker, exchange: LoopbackExchange, stationIdentifier: String, isUnpaced: Bool
    ) {
        var configuration = OwnLine.Configuration.loopback(
            stationIdentifier: stationIdentifier, destination: exchange.destination, isUnpaced: isUnpaced)
        line = OwnLine(agent: agent, worker: worker, configuration: configuration)
        configuration.isUnpaced = false
        pacedLine = OwnLine(agent: agent, worker: worker, configuration: configuration)
        configuration.media = MediaPolicy()
        audioLine = OwnLine(agent: agent, worker: worker, configuration: configuration)
        self.exchange = exchange
    }

    package var name: String { line.name }
    package var associate: String? { nil }
    /// Not of a call that is never reported: its record would tell the outcome.
    package func keepsRecord(ofCallTo number: PhoneNumber) -> Bool {
        SandboxScene(number: number) != .neverReports && line.keepsRecord(ofCallTo: number)
    }

    package func send(
        _ call: OutboundCall, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult {
        guard let scene = SandboxScene(number: call.number) else { return await line.send(call, report: report) }
        let farEnd = scene.farEnd(firstPage: call.firstPage, earlierDials: call.earlierDials)
        exchange.expectations[call.reference] = farEnd
        defer { exchange.expectations[call.reference] = nil }
        if scene == .neverReports { return await sendWithoutReport(call) }
        let line =
            switch farEnd {
            case .person: audioLine
            case .machine(let machine) where machine.isPaced: pacedLine
            case .machine, .refusal, .ringing: line
            }
        return await line.send(call, report: report)
    }

    /// As a provider that takes a fax and is never heard of again.
    private func sendWithoutReport(_ call: OutboundCall) async -> AttemptResult {
        let result = await line.send(call) { _ in }
        if result.outcome == .notDialled { return result }
        return AttemptResult(.unknown, evidence: "the sandbox does not say what came of this call")
    }
}
