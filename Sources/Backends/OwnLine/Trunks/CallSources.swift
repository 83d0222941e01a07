import Access
import NIOCore
import SIP
import Synchronization

/// Who may bring calls by a trunk: its server, and the networks that its file names.
///
/// The answer is at hand when a call comes: a stranger's call costs no look-up, and nameservers that are silent for a while do not make
/// strangers of the carrier.
final class CallSources: Sendable {
    /// How often a server's name is looked up anew: carriers move.
    private static let interval = Duration.seconds(300)

    private let server: SIPDestination
    private let accepted: [AddressRange]
    private let addresses: Mutex<Set<String>>

    init(trunk: Trunk) {
        server = trunk.server
        accepted = trunk.acceptFrom
        // A numeric server is known before anything is asked.
        let host = trunk.server.host
        addresses = Mutex([host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host])
    }

    /// Whether a call from there may be the trunk's.
    func contains(_ source: SocketAddress) -> Bool {
        guard let source = source.ipAddress else { return false }
        return addresses.withLock { $0.contains(source) } || accepted.contains { $0.contains(source) }
    }

    /// Keeps the server's addresses until the task is cancelled.
    func run(with agent: UserAgent) async {
        while !Task.isCancelled {
            let found = try? await agent.targets(for: server)
            let names = Set((found ?? []).compactMap(\.remote.ipAddress))
            if !names.isEmpty { addresses.withLock { $0 = names } }
            try? await Task.sleep(for: names.isEmpty ? .seconds(10) : Self.interval)
        }
    }
}
