import FaxModel
package import Logging
import NIOCore
package import SIP
import WorkerProtocol
package import Workers

/// The telephone exchange inside: a second SIP user agent on a port of its own, which answers +1 555 123 01xx as a fax machine.
///
/// With it the line can call itself: every message and every frame goes over sockets as with a real trunk. What it receives goes to the
/// inbox.
package struct LoopbackExchange: Sendable {
    private let agent: UserAgent
    private let worker: CallWorker
    private let inbox: any Inbox
    private let isUnpaced: Bool
    private let logger: Logger

    /// Where the line reaches the exchange.
    package let destination: SIPDestination

    /// - Parameter agent: bound to a loopback address.
    package init(agent: UserAgent, worker: CallWorker, inbox: any Inbox, isUnpaced: Bool, logger: Logger) {
        self.agent = agent
        self.worker = worker
        self.inbox = inbox
        self.isUnpaced = isUnpaced
        self.logger = logger
        destination = SIPDestination(
            host: agent.localAddress.ipAddress ?? "127.0.0.1", port: agent.localAddress.port ?? 5060)
    }

    /// Answers calls until the agent is shut down.
    package func run() async {
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

    /// Whether a number is one of the exchange's: +1 555 123 01xx.
    static func serves(_ number: String) -> Bool {
        guard let digits = PhoneNumber(number)?.digits else { return false }
        return digits.utf8.count == 11 && digits.hasPrefix("155512301")
    }

    private func take(_ incoming: IncomingCall, events: LegEvents) async {
        let number = incoming.requestURI.user ?? ""
        guard Self.serves(number) else { return await incoming.reject(status: 404) }
        await incoming.ring()
        let setup = CallSetup(
            isCaller: false, isSending: false, stationIdentifier: String(number.prefix(20)), isUnpaced: isUnpaced,
            deadlineSeconds: 86_400)
        let inbound = InboundCall(reference: incoming.callID, to: number, from: incoming.from.uri.user ?? "")
        do {
            try await worker.run(setup: setup, pages: nil) { conversation in
                var leg = IncomingLeg(incoming: incoming, inbound: inbound, conversation: conversation, inbox: inbox, events: events)
                try await leg.run()
            }
        } catch {
            logger.error("an incoming call failed", metadata: ["call": "\(incoming.callID)", "error": "\(error)"])
            await incoming.reject(status: 500)
            await incoming.call.hangUp()
        }
    }
}
