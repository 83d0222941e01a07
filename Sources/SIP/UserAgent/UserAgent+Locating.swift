import Logging
import NIOCore

extension UserAgent {
    /// Where messages to a destination can go, the first choice first; never empty (RFC 3263 4).
    /// - Throws: ``UserAgentError/unresolvable`` when it has no address, or needs a transport that this agent does not have.
    package func targets(for destination: SIPDestination) async throws(UserAgentError) -> [SIPFlow] {
        try await locator.targets(for: destination)
    }

    /// Where a request inside a call goes. A next hop given by name is taken to be the peer the call began with:
    /// looking names up here would let any caller make us send DNS queries and packets where they please.
    func destination(of dialog: Dialog, peer: SIPFlow) -> SIPFlow {
        let hop = dialog.nextHop
        // Without a parameter it is UDP by the letter (RFC 3263 4.1), but trunks on streams often leave it out.
        let kind =
            hop.scheme == .sips ? .tls : hop.parameters["transport"].map(SIPTransportKind.init(parameter:)) ?? peer.kind
        guard !configuration.repliesToPeerAddress, let kind, transports[kind] != nil,
            let address = Self.numericAddress(host: hop.host, port: hop.port ?? kind.defaultPort),
            address.protocol == peer.remote.protocol
        else { return peer }
        // What began encrypted stays so, whatever a Contact says.
        if peer.kind == .tls, kind != .tls { return peer }
        guard kind == peer.kind, kind.isReliable else { return SIPFlow(kind: kind, remote: address) }
        // The connection that the call began with is used while it lives: the peer may be unable to take new ones, and
        // its certificate was checked. A next hop at another address is another machine, unless TLS vouches for the peer.
        guard kind == .tls || address.ipAddress == peer.remote.ipAddress else { return SIPFlow(kind: kind, remote: address) }
        return SIPFlow(kind: kind, remote: address, connection: peer.connection, serverName: peer.serverName)
    }

    private static func numericAddress(host: String, port: Int) -> SocketAddress? {
        guard (1...65535).contains(port) else { return nil }
        let bare = host.utf8.first == UInt8(ascii: "[") ? String(host.dropFirst().dropLast()) : host
        return try? SocketAddress(ipAddress: bare, port: port)
    }

    /// Notes by which connection the INVITE of a call left, so that its later requests use the same.
    func bindPeer(_ key: CallKey?, to flow: SIPFlow, by id: TransactionID) {
        guard let key, let call = calls[key], call.phase == .calling, call.ownInvite?.transaction == id else { return }
        calls[key]?.peer = flow
    }

    /// Sends the INVITE of a call to its next target; false when there is none, or when that might make a second call.
    ///
    /// It is allowed only where no phone can have rung: the connection could not be made, or the target answered 503 before
    /// any 1xx of a callee. After a time-out, or when a connection was lost with the INVITE on it, the first INVITE may have
    /// been dialled with the answer lost on the way; a second could be a second fax.
    func tryNextTarget(_ key: CallKey) -> Bool {
        guard var call = calls[key], call.phase == .calling, !call.isCancelRequested, call.provisionalCount == 0,
            var request = call.ownInvite?.request, !call.otherTargets.isEmpty
        else { return false }
        let flow = call.otherTargets.removeFirst()
        request.headers.replaceFirstEntry(of: "Via", with: makeVia(on: flow.kind).text)
        request.renumber()
        call.authenticator?.begin(&request)
        guard let transaction = TransactionID(ofOwn: request) else { return false }
        call.ownInvite = CallRecord.OwnInvite(transaction: transaction, request: request)
        call.peer = flow
        call.hasProvisional = false
        call.lastProvisional = 0
        calls[key] = call
        logger.info("SIP call goes to the next target", metadata: ["call-id": "\(call.callID)"])
        open(request, to: flow, call: key)
        return true
    }

    /// A connection is over: our requests on it that have no final answer are answered 503 at once (RFC 3261 17.1.4, 18.4).
    func connectionEnded(_ connection: SIPConnectionID, wasOpen: Bool, reason: String) {
        guard !isShutDown || !transactions.isEmpty else { return }
        let waiting = transactions.filter { $0.value.destination.connection == connection && $0.value.unansweredRequest != nil }
        if !wasOpen, !waiting.isEmpty { logger.warning("no SIP connection", metadata: ["reason": "\(reason)"]) }
        for (id, record) in waiting {
            guard let request = record.unansweredRequest else { continue }
            forget(id)
            if let key = record.call, let call = calls[key], call.ownInvite?.transaction == id, call.phase == .calling {
                if wasOpen {
                    calls[key]?.otherTargets = []
                    // A phone may ring: the CANCEL takes a new connection, and an answer that crosses it is hung up.
                    remember(request, of: call)
                    if call.hasProvisional, !call.isCancelSent { openAlone(request.cancellation(), to: call.peer, authenticator: nil) }
                }
            }
            if deliverTimeoutAlone(of: id) { continue }
            deliver(request.response(503, reason: reason), of: id, call: record.call)
        }
        finishDrainIfIdle()
    }
}

extension TransactionRecord {
    /// Our request, while it has no final answer.
    var unansweredRequest: SIPRequest? {
        switch machine {
        case .clientInvite(let machine): machine.state == .calling || machine.state == .proceeding ? machine.request : nil
        case .client(let machine): machine.state == .trying || machine.state == .proceeding ? machine.request : nil
        case .serverInvite, .server: nil
        }
    }
}
