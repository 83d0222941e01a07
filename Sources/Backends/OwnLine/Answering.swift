import FaxModel
import Logging
import SIP
import WorkerProtocol
import Workers

/// Takes the calls that come to a SIP agent, each with a worker of its own.
struct Answering: Sendable {
    /// Whether and as whose a call is taken.
    enum Decision: Sendable {
        /// The number that was dialled, as faxes name it.
        case accept(number: String)
        /// A SIP status, 400 to 699.
        case refuse(status: Int)
    }

    let agent: UserAgent
    let worker: CallWorker
    let inbox: any Inbox
    /// The local address of media.
    let address: String
    let policy: MediaPolicy
    let isUnpaced: Bool
    /// As in ``InboundCall/trunk``.
    let trunk: String
    let logger: Logger
    let decide: @Sendable (IncomingCall) async throws -> Decision

    /// Answers calls until the agent is shut down.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await incoming in agent.incomingCalls {
                group.addTask {
                    // Not torn down by cancellation: pages that came are stored first.
                    let events = LegEvents()
                    let taking = Task { await take(incoming, events: events) }
                    await withTaskCancellationHandler {
                        await taking.value
                    } onCancel: {
                        events.stop()
                    }
                }
            }
        }
    }

    private func take(_ incoming: IncomingCall, events: LegEvents) async {
        do {
            switch try await decide(incoming) {
            case .refuse(let status): await incoming.reject(status: status)
            case .accept(let number): try await receive(incoming, for: number, events: events)
            }
        } catch {
            logger.error("an incoming call failed", metadata: ["call": "\(incoming.callID)", "error": "\(error)"])
            await incoming.reject(status: 500)
            await incoming.call.hangUp()
        }
    }

    private func receive(_ incoming: IncomingCall, for number: String, events: LegEvents) async throws {
        await incoming.ring()
        let setup = CallSetup(
            isCaller: false, isSending: false, stationIdentifier: String(number.prefix(20)), bindAddress: address,
            firstPort: policy.firstPort, lastPort: policy.lastPort, errorCorrection: policy.errorCorrection,
            maximumBitRate: policy.maximumBitRate, isUnpaced: isUnpaced, deadlineSeconds: 86_400)
        let inbound = InboundCall(
            reference: incoming.callID, to: number, from: incoming.isCallerWithheld ? "" : incoming.callerNumber ?? "", trunk: trunk)
        try await worker.run(setup: setup, pages: nil) { conversation in
            var leg = IncomingLeg(
                incoming: incoming, inbound: inbound, address: address, policy: policy, conversation: conversation, inbox: inbox,
                events: events, logger: logger)
            try await leg.run()
        }
    }
}
