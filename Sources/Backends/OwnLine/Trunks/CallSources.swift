import Access
import NIOCore
import SIP

/// Who may bring calls by a trunk: its server, and the networks that its file names.
struct CallSources: Sendable {
    private let server: SIPDestination
    private let accepted: [AddressRange]
    private let agent: UserAgent

    init(trunk: Trunk, agent: UserAgent) {
        server = trunk.server
        accepted = trunk.acceptFrom
        self.agent = agent
    }

    /// Whether a call comes from the trunk. Names are looked up anew: carriers move.
    func contains(_ incoming: IncomingCall) async -> Bool {
        guard let source = incoming.source.ipAddress else { return false }
        if accepted.contains(where: { $0.contains(source) }) { return true }
        guard let targets = try? await agent.targets(for: server) else { return false }
        return targets.contains { $0.remote.ipAddress == source }
    }
}
