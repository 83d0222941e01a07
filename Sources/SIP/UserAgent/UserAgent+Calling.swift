import Logging
import NIOCore
import NIOPosix

extension UserAgent {
    /// Makes a call (RFC 3261 13.2). The first network byte leaves before this returns; everything after it is told by
    /// the events of the call, a timeout as `rejected(408)`.
    /// - Parameters:
    ///   - target: the Request-URI and To: whom to reach.
    ///   - destination: where the INVITE goes.
    ///   - from: our address without tag.
    ///   - callID: unique in space and time; chosen by the caller, who has recorded it before.
    ///   - body: the session description offered.
    ///   - extraHeaders: fields such as P-Preferred-Identity.
    /// - Throws: ``UserAgentError``; nothing was sent then.
    package func invite(
        target: SIPURI, destination: SIPDestination, from: NameAddress, callID: String, body: [UInt8],
        extraHeaders: [SIPHeaders.Field] = []
    ) async throws(UserAgentError) -> Call {
        guard !isShutDown else { throw .shutDown }
        let address = try await Self.resolve(destination)
        // The look-up may have taken long.
        guard !isShutDown else { throw .shutDown }
        guard calls.count < configuration.maximumCalls else { throw .tooManyCalls }
        guard !calls.values.contains(where: { $0.callID == callID }) else { throw .duplicateCallID }

        var from = from
        from.tag = randomToken()
        var request = SIPRequest(method: .invite, uri: target, body: body)
        request.headers.add("Via", makeVia().text)
        request.headers.add("Max-Forwards", "70")
        request.headers.add("From", from.text)
        request.headers.add("To", NameAddress(uri: target).text)
        request.headers.add("Call-ID", callID)
        request.headers.add("CSeq", CSeq(number: 1, method: .invite).text)
        for field in extraHeaders { request.headers.add(field.name, field.value) }
        decorate(&request, contactUser: from.uri.decodedUser)
        guard let transaction = TransactionID(ofOwn: request) else { throw .unresolvable }

        let key = makeCallKey()
        let (events, continuation) = AsyncStream.makeStream(of: CallEvent.self)
        var call = CallRecord(
            callID: callID, localTag: from.tag ?? "", contactUser: from.uri.decodedUser, events: continuation,
            peer: address, phase: .calling)
        call.ownInvite = CallRecord.OwnInvite(transaction: transaction, request: request)
        calls[key] = call
        logger.info("SIP call out", metadata: ["call-id": "\(callID)"])
        open(request, to: address, call: key)
        return Call(callID: callID, events: events, key: key, agent: self)
    }

    /// The header fields of every INVITE and 2xx of ours.
    func decorate(_ request: inout SIPRequest, contactUser: String?) {
        request.headers.add("Contact", contact(user: contactUser))
        request.headers.add("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS")
        if let name = configuration.productName { request.headers.add("User-Agent", name) }
        if !request.body.isEmpty { request.headers.add("Content-Type", "application/sdp") }
    }

    private static func resolve(_ destination: SIPDestination) async throws(UserAgentError) -> SocketAddress {
        if let address = numericAddress(host: destination.host, port: destination.port) { return address }
        guard (1...65535).contains(destination.port) else { throw .unresolvable }
        do {
            // The system's look-up blocks, so it has a thread of its own.
            return try await NIOThreadPool.singleton.runIfActive {
                try SocketAddress.makeAddressResolvingHost(destination.host, port: destination.port)
            }
        } catch {
            throw .unresolvable
        }
    }

    private static func numericAddress(host: String, port: Int) -> SocketAddress? {
        guard (1...65535).contains(port) else { return nil }
        let bare = host.utf8.first == UInt8(ascii: "[") ? String(host.dropFirst().dropLast()) : host
        return try? SocketAddress(ipAddress: bare, port: port)
    }

    /// Where a request inside a call goes. A next hop given by name is taken to be the peer the call began with:
    /// looking names up here would let any caller make us send DNS queries and packets where they please.
    func destination(of dialog: Dialog, peer: SocketAddress) -> SocketAddress {
        let hop = dialog.nextHop
        guard !configuration.repliesToPeerAddress,
            let address = Self.numericAddress(host: hop.host, port: hop.port ?? 5060), address.protocol == peer.protocol
        else { return peer }
        return address
    }

    // MARK: Responses

    /// A transaction of ours has a response.
    func deliver(_ response: SIPResponse, of id: TransactionID, call key: CallKey?) {
        guard let key, case .client(_, .invite) = id else { return }
        guard let call = calls[key] else { return }
        if response.isSuccess, call.sentACK?.sequence == response.headers.cseq?.number {
            return acknowledgeAgain(response)
        }
        guard call.ownInvite?.transaction == id else { return }
        switch call.phase {
        case .calling: deliverToCalling(response, key)
        case .ringing, .established: deliverToReinvite(response, key)
        }
    }

    private func deliverToCalling(_ response: SIPResponse, _ key: CallKey) {
        guard var call = calls[key], let invite = call.ownInvite else { return }
        if response.isProvisional {
            let isNews = response.status > 100 && response.status != call.lastProvisional && call.provisionalCount < 32
            call.hasProvisional = true
            if isNews {
                call.lastProvisional = response.status
                call.provisionalCount += 1
            }
            calls[key] = call
            if isNews { call.events.yield(.provisional(status: response.status)) }
            if call.isCancelRequested { sendCancel(key) }
            return
        }
        guard response.isSuccess else {
            let event = CallEvent.rejected(status: response.status, reason: response.reason)
            return end(key, with: call.isCancelRequested ? .ended(.localHangUp) : event)
        }
        guard let dialog = Dialog(caller: invite.request, response: response) else {
            return end(key, with: .rejected(status: 500, reason: "malformed 2xx"))
        }
        cancel(.cancelled(key))
        call.dialog = dialog
        call.ownInvite = nil
        call.phase = .established
        calls[key] = call
        dialogs[dialog.id] = key
        acknowledge(key, sequence: dialog.localSequence)
        if call.isCancelRequested {
            // The answer crossed our CANCEL (RFC 3261 9.1).
            sendBye(key, reporting: .localHangUp)
        } else {
            logger.info("SIP call answered", metadata: ["call-id": "\(call.callID)"])
            call.events.yield(.answered(body: response.body))
        }
    }

    /// A transaction of ours or a failure of ours had no answer.
    func deliverTimeout(of id: TransactionID, call key: CallKey?) {
        guard let key, let call = calls[key], call.ownInvite?.transaction == id else { return }
        if call.phase == .calling {
            let event = CallEvent.rejected(status: 408, reason: SIPStatus.phrase(408))
            end(key, with: call.isCancelRequested ? .ended(.localHangUp) : event)
        } else {
            failReinvite(key, status: 408)
        }
    }

    // MARK: ACK

    /// Acknowledges a 2xx of the call's dialog.
    func acknowledge(_ key: CallKey, sequence: UInt32) {
        guard let call = calls[key], let dialog = call.dialog else { return }
        var ack = dialog.makeACK(sequence: sequence)
        ack.headers.addFirst("Via", makeVia().text)
        let destination = destination(of: dialog, peer: call.peer)
        calls[key]?.sentACK = CallRecord.SentACK(sequence: sequence, request: ack, destination: destination)
        transport.send(SIPMessage.request(ack).bytes, to: destination)
    }

    /// A 2xx came again, because our ACK was lost or another branch of a forked call answered too.
    func acknowledgeAgain(_ response: SIPResponse) {
        guard let callID = response.headers.callID, let tag = response.headers.from?.tag,
            let sequence = response.headers.cseq?.number
        else { return }
        let remoteTag = response.headers.to?.tag ?? ""
        if let key = dialogs[DialogID(callID: callID, localTag: tag, remoteTag: remoteTag)] {
            guard let ack = calls[key]?.sentACK, ack.sequence == sequence else { return }
            transport.send(SIPMessage.request(ack.request).bytes, to: ack.destination)
        } else if let call = calls.values.first(where: { $0.callID == callID && $0.localTag == tag }) {
            endFork(response, of: call)
        }
    }

    /// The first 2xx has the call; each other branch is acknowledged and hung up (RFC 3261 13.2.2.4).
    private func endFork(_ response: SIPResponse, of call: CallRecord) {
        guard let first = call.dialog, let sequence = response.headers.cseq?.number else { return }
        var invite = SIPRequest(method: .invite, uri: first.remoteTarget)
        invite.headers.add("From", first.local.text)
        invite.headers.add("Call-ID", first.id.callID)
        invite.headers.add("CSeq", CSeq(number: sequence, method: .invite).text)
        guard var dialog = Dialog(caller: invite, response: response) else { return }
        let destination = destination(of: dialog, peer: call.peer)
        for var request in [dialog.makeACK(sequence: sequence), dialog.makeRequest(.bye)] {
            request.headers.addFirst("Via", makeVia().text)
            if request.method == .ack {
                transport.send(SIPMessage.request(request).bytes, to: destination)
            } else {
                open(request, to: destination, call: nil)
            }
        }
    }
}
