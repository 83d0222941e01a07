import Logging

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
    ///   - credentials: what challenges are answered with; those of the configuration by default.
    /// - Throws: ``UserAgentError``; nothing was sent then.
    package func invite(
        target: SIPURI, destination: SIPDestination, from: NameAddress, callID: String, body: [UInt8],
        extraHeaders: [SIPHeaders.Field] = [], credentials: SIPCredentials? = nil
    ) async throws(UserAgentError) -> Call {
        guard !isShutDown else { throw .shutDown }
        let targets = try await targets(for: destination)
        guard let flow = targets.first else { throw .unresolvable }
        // The look-up may have taken long.
        guard !isShutDown else { throw .shutDown }
        guard calls.count < configuration.maximumCalls else { throw .tooManyCalls }
        guard !calls.values.contains(where: { $0.callID == callID }) else { throw .duplicateCallID }

        var from = from
        from.tag = randomToken()
        var request = SIPRequest(method: .invite, uri: target, body: body)
        request.headers.add("Via", makeVia(on: flow.kind).text)
        request.headers.add("Max-Forwards", "70")
        request.headers.add("From", from.text)
        request.headers.add("To", NameAddress(uri: target).text)
        request.headers.add("Call-ID", callID)
        request.headers.add("CSeq", CSeq(number: 1, method: .invite).text)
        for field in extraHeaders { request.headers.add(field.name, field.value) }
        decorate(&request, contactUser: from.uri.decodedUser, on: flow.kind)
        guard let transaction = TransactionID(ofOwn: request) else { throw .unresolvable }

        let key = makeCallKey()
        let (events, continuation) = AsyncStream.makeStream(of: CallEvent.self)
        var call = CallRecord(
            callID: callID, localTag: from.tag ?? "", contactUser: from.uri.decodedUser, events: continuation,
            peer: flow, phase: .calling)
        call.ownInvite = CallRecord.OwnInvite(transaction: transaction, request: request)
        call.otherTargets = Array(targets.dropFirst())
        call.authenticator = (credentials ?? configuration.credentials).map(DigestAuthenticator.init(credentials:))
        calls[key] = call
        logger.info("SIP call out", metadata: ["call-id": "\(callID)"])
        open(request, to: flow, call: key)
        return Call(callID: callID, events: events, key: key, agent: self, box: call.facts)
    }

    /// The header fields of every INVITE and 2xx of ours.
    func decorate(_ request: inout SIPRequest, contactUser: String?, on kind: SIPTransportKind) {
        request.headers.add("Contact", contact(user: contactUser, on: kind))
        request.headers.add("Allow", Self.allowed)
        request.headers.add("Supported", Self.supported)
        if let name = configuration.productName { request.headers.add("User-Agent", name) }
        if !request.body.isEmpty { request.headers.add("Content-Type", "application/sdp") }
    }

    // MARK: Responses

    /// A transaction of ours has a response.
    func deliver(_ response: SIPResponse, of id: TransactionID, call key: CallKey?) {
        if deliverAlone(response, of: id) { return }
        guard let key else { return }
        if case .client(_, .update) = id { return deliverToUpdate(response, of: id, key) }
        guard case .client(_, .invite) = id else { return }
        guard let call = calls[key], call.ownInvite?.transaction == id else {
            if response.isSuccess { acknowledgeAgain(response) }
            return
        }
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
            if response.status == 503, tryNextTarget(key) { return }
            if inviteAgain(after: response, key) { return }
            call.facts.note { $0.take(response) }
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
        call.notePeer(response.headers)
        call.session = NegotiatedSession(local: invite.request.body, remote: response.body)
        calls[key] = call
        dialogs[dialog.id] = key
        acknowledge(key, invite.request)
        remember(invite.request, of: call, winner: calls[key]?.sentACK.map { (dialog.id.remoteTag, $0) })
        takeTimer(key, from: response)
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
        if deliverTimeoutAlone(of: id) { return }
        guard let key, let call = calls[key] else { return }
        if call.ownUpdate?.transaction == id { return failUpdate(key, SIPResponse(status: 408, reason: "")) }
        guard let invite = call.ownInvite, invite.transaction == id else { return }
        if call.phase == .calling {
            remember(invite.request, of: call)
            let event = CallEvent.rejected(status: 408, reason: SIPStatus.phrase(408))
            end(key, with: call.isCancelRequested ? .ended(.localHangUp) : event)
        } else {
            failReinvite(key, SIPResponse(status: 408, reason: ""))
        }
    }

    // MARK: ACK

    /// Acknowledges a 2xx of the call's dialog.
    func acknowledge(_ key: CallKey, _ invite: SIPRequest) {
        guard let call = calls[key], let dialog = call.dialog, let sequence = invite.headers.cseq?.number else { return }
        var ack = dialog.makeACK(sequence: sequence)
        let destination = destination(of: dialog, peer: call.peer)
        ack.headers.addFirst("Via", makeVia(on: destination.kind).text)
        ack.copyCredentials(of: invite)
        calls[key]?.sentACK = CallRecord.SentACK(sequence: sequence, request: ack, destination: destination)
        send(.request(ack), to: destination)
    }
}
