import NIOCore
import SIP
import Synchronization

/// A UDP transport that records what is sent and loses what a rule says.
final class LossyTransport: SIPTransport {
    private struct Waiter {
        let count: Int
        let matches: @Sendable (SIPMessage) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var sent: [SIPMessage] = []
        var loses: (@Sendable (SIPMessage) -> Bool) = { _ in false }
        var waiters: [Waiter] = []
    }

    private let base: any SIPTransport
    private let state = Mutex(State())

    init(_ base: any SIPTransport) {
        self.base = base
    }

    var kind: SIPTransportKind { base.kind }
    var localAddress: SocketAddress { base.localAddress }
    var arrivals: AsyncStream<SIPTransportEvent> { base.arrivals }

    func connect(_ flow: SIPFlow) -> SIPFlow { base.connect(flow) }

    func noteRead(_ event: SIPTransportEvent) { base.noteRead(event) }

    func close() async { await base.close() }

    func send(_ bytes: [UInt8], to flow: SIPFlow) {
        guard let message = try? SIPParser().parse(bytes) else { return base.send(bytes, to: flow) }
        let (isLost, ready) = state.withLock { state in
            state.sent.append(message)
            let isLost = state.loses(message)
            let sent = state.sent
            let ready = state.waiters.filter { sent.count(where: $0.matches) >= $0.count }.map(\.continuation)
            state.waiters.removeAll { sent.count(where: $0.matches) >= $0.count }
            return (isLost, ready)
        }
        if !isLost { base.send(bytes, to: flow) }
        for continuation in ready { continuation.resume() }
    }

    /// Loses every message that matches, from now on.
    func lose(_ rule: @escaping @Sendable (SIPMessage) -> Bool) {
        state.withLock { $0.loses = rule }
    }

    /// Loses nothing more.
    func heal() { lose { _ in false } }

    func count(_ matches: @Sendable (SIPMessage) -> Bool) -> Int {
        state.withLock { $0.sent.count(where: matches) }
    }

    /// Returns when at least `count` matching messages have been sent, lost ones included.
    func wait(for count: Int = 1, _ matches: @escaping @Sendable (SIPMessage) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.sent.count(where: matches) >= count { return true }
                state.waiters.append(Waiter(count: count, matches: matches, continuation: continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}

extension SIPMessage {
    func isRequest(_ method: SIPMethod) -> Bool {
        guard case .request(let request) = self else { return false }
        return request.method == method
    }

    func isResponse(_ status: Int, to method: SIPMethod = .invite) -> Bool {
        guard case .response(let response) = self else { return false }
        return response.status == status && response.headers.cseq?.method == method
    }
}
