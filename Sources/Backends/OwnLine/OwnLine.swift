import FaxModel
import Logging
package import SIP
import WorkerProtocol
package import Workers

/// The own line: a SIP user agent in this process and, for each call, a worker process with T.38 and T.30.
package struct OwnLine: Backend {
    /// The fixed facts of the line.
    package struct Configuration: Sendable {
        /// T.30 station identification (TSI) and the caller's number: up to 20 of `+`, digits and spaces; may be empty.
        package var stationIdentifier: String
        /// Where calls go.
        package var destination: SIPDestination
        /// The local address of signalling and media.
        package var address: String
        /// Send as fast as the far end takes it: between the ends of the loopback only.
        package var isUnpaced: Bool
        /// How long the far end may ring.
        package var ringTime: Duration = .seconds(60)
        /// How long after the answer the far end may take to offer T.38, before this side offers it.
        package var t38OfferTime: Duration = .seconds(8)
        /// Seconds that a call may last: a call of `n` pages gets `n` times `secondsPerPage` and two minutes more.
        package var secondsPerPage: Int = 90

        package init(stationIdentifier: String, destination: SIPDestination, address: String, isUnpaced: Bool) {
            self.stationIdentifier = stationIdentifier
            self.destination = destination
            self.address = address
            self.isUnpaced = isUnpaced
        }
    }

    package let name = "line"
    package var associate: String? { nil }
    private let agent: UserAgent
    private let worker: CallWorker
    private let configuration: Configuration

    package init(agent: UserAgent, worker: CallWorker, configuration: Configuration) {
        self.agent = agent
        self.worker = worker
        self.configuration = configuration
    }

    package func send(
        _ call: OutboundCall, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult {
        let events = LegEvents()
        // Cancellation must not tear the call down: it becomes an event that ends it in good order.
        let placing = Task { await place(call, events: events, report: report) }
        return await withTaskCancellationHandler {
            await placing.value
        } onCancel: {
            events.stop()
        }
    }

    private func place(
        _ call: OutboundCall, events: LegEvents, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult {
        let pages = call.pages - call.firstPage
        let setup = CallSetup(
            isCaller: true, isSending: true, stationIdentifier: configuration.stationIdentifier, firstPage: call.firstPage,
            bindAddress: configuration.address, isUnpaced: configuration.isUnpaced,
            deadlineSeconds: pages * configuration.secondsPerPage + 120)
        do {
            return try await worker.run(setup: setup, pages: call.image) { conversation in
                var leg = OutgoingLeg(
                    call: call, agent: agent, configuration: configuration, conversation: conversation, events: events,
                    report: report)
                return await leg.run()
            }
        } catch let failure as WorkerProcess.StartFailure {
            // Nothing left this machine.
            return AttemptResult(.notDialled, evidence: failure.description)
        } catch {
            return AttemptResult(.notDialled, evidence: "the line's worker could not be used: \(error)")
        }
    }
}
