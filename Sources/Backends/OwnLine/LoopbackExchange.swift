import FaxModel
package import Logging
import NIOCore
package import SIP
package import Workers

/// The telephone exchange inside: a second SIP user agent on a port of its own, which answers +1 555 123 01xx as a fax machine, and plays
/// the sandbox at +1 500 555 xxxx (``SandboxScene``).
///
/// With it the line can call itself: every message and every frame goes over sockets as with a real trunk. What it receives goes to the
/// inbox, but for the sandbox's calls, of which nothing is kept.
package struct LoopbackExchange: Sendable {
    private let answering: Answering
    /// What ``SandboxLine`` knows of calls that are about to come.
    let expectations = SandboxExpectations()

    /// Where the line reaches the exchange.
    package let destination: SIPDestination

    /// - Parameter agent: bound to a loopback address.
    package init(agent: UserAgent, worker: CallWorker, inbox: any Inbox, isUnpaced: Bool, logger: Logger) {
        let host = agent.localAddress.ipAddress ?? "127.0.0.1"
        destination = SIPDestination(host: host, port: agent.localAddress.port ?? 5060)
        answering = Answering(
            agent: agent, worker: worker, inbox: inbox, address: host, policy: .loopback, isUnpaced: isUnpaced, trunk: "", logger: logger
        ) { [expectations] incoming in
            let number = incoming.requestURI.user ?? ""
            if let dialled = PhoneNumber(number), let scene = SandboxScene(number: dialled) {
                return .play(expectations[incoming.callID] ?? scene.farEnd(), number: number)
            }
            guard Self.serves(number) else { return .refuse(status: 404) }
            let call = InboundCall(reference: incoming.callID, to: number, from: incoming.callerNumber ?? "")
            return switch try await inbox.admit(call) {
            // Where nothing is to be received, the far machine still answers, and keeps nothing.
            case .accepted, .notReceiving: .accept(number: number)
            case .unknownNumber: .refuse(status: 404)
            case .retiredNumber: .refuse(status: 410)
            }
        }
    }

    /// Answers calls until the agent is shut down.
    package func run() async {
        await answering.run()
    }

    /// Takes no more calls, and ends those that are there in good order.
    /// - Parameter grace: for what they brought to be stored.
    package func stop(grace: Duration = .seconds(12)) async {
        await answering.stop(grace: grace)
    }

    /// Whether a number is one of the exchange's: +1 555 123 01xx.
    static func serves(_ number: String) -> Bool {
        guard let digits = PhoneNumber(number)?.digits else { return false }
        return digits.utf8.count == 11 && digits.hasPrefix("155512301")
    }
}
