import Logging

extension UserAgent {
    /// An INVITE outside of a dialog.
    func receiveInvite(_ arrival: Arrival) {
        let request = arrival.request
        if refuseUnacceptable(arrival) { return }
        let localTag = randomToken()
        guard let from = request.headers.from, let to = request.headers.to,
            let dialog = Dialog(callee: request, localTag: localTag)
        else { return refuse(arrival, 400) }
        // The same request over two ways is one call (RFC 3261 8.2.2.2).
        let isMerged = calls.values.contains { call in
            call.callID == dialog.id.callID && call.dialog?.id.remoteTag == dialog.id.remoteTag
                && call.dialog?.remoteSequence == dialog.remoteSequence && call.dialog?.isCaller == false
        }
        if isMerged { return refuse(arrival, 482) }
        guard calls.count < configuration.maximumCalls else { return refuseBusy(arrival) }

        let key = makeCallKey()
        guard accept(request, as: arrival.id, replyTo: arrival.replyTo, call: key) else { return }
        let (events, continuation) = AsyncStream.makeStream(of: CallEvent.self)
        var record = CallRecord(
            callID: dialog.id.callID, localTag: localTag, contactUser: to.uri.decodedUser, events: continuation,
            peer: arrival.replyTo, phase: .ringing)
        record.dialog = dialog
        record.authenticator = configuration.credentials.map(DigestAuthenticator.init(credentials:))
        record.notePeer(request.headers)
        record.peerInvite = CallRecord.PeerInvite(transaction: arrival.id, request: request)
        calls[key] = record
        dialogs[dialog.id] = key
        logger.info("SIP call in", metadata: ["call-id": "\(record.callID)"])
        respond(request.response(100), in: arrival.id)

        let call = Call(callID: record.callID, events: events, key: key, agent: self, box: record.facts)
        let waiting = IncomingCall(
            from: from, to: to, requestURI: request.uri, headers: request.headers, body: request.body,
            source: arrival.source, call: call)
        guard case .enqueued = incoming.yield(waiting) else { return reject(key, status: 503) }
    }

    private func refuseBusy(_ arrival: Arrival) {
        refuse(arrival, 503, [SIPHeaders.Field("Retry-After", "60")])
    }

    /// 180 to an unanswered call.
    func ring(_ key: CallKey) {
        guard let call = calls[key], call.phase == .ringing, let invite = call.peerInvite else { return }
        var response = invite.request.response(180, toTag: call.localTag)
        response.headers.add("Contact", contact(user: call.contactUser, on: call.peer.kind))
        respond(response, in: invite.transaction)
    }

    /// 200 to an unanswered call; false when it is over or answered.
    func answer(_ key: CallKey, body: [UInt8]) -> Bool {
        guard let call = calls[key], call.phase == .ringing, let invite = call.peerInvite else { return false }
        calls[key]?.phase = .established
        calls[key]?.peerInvite = nil
        succeed(invite, key, body: body)
        return true
    }

    /// A failure to an unanswered call.
    func reject(_ key: CallKey, status: Int, retryAfter: Int? = nil) {
        guard let call = calls[key], call.phase == .ringing, let invite = call.peerInvite else { return }
        calls[key]?.peerInvite = nil
        var response = invite.request.response(Self.failure(status), toTag: call.localTag)
        if let retryAfter { response.headers.add("Retry-After", "\(max(0, retryAfter))") }
        respond(response, in: invite.transaction)
        end(key, with: .ended(.localHangUp))
    }

    /// A status that can end an INVITE; anything else becomes 500.
    static func failure(_ status: Int) -> Int { (300...699).contains(status) ? status : 500 }

    /// Sends a 200 and repeats it until its ACK.
    func succeed(_ invite: CallRecord.PeerInvite, _ key: CallKey, body: [UInt8], isRefresh: Bool = false) {
        guard let call = calls[key], let sequence = invite.request.headers.cseq?.number,
            let destination = transactions[invite.transaction]?.destination
        else { return }
        var response = invite.request.response(200, toTag: call.localTag)
        response.headers.add("Contact", contact(user: call.contactUser, on: call.peer.kind))
        response.headers.add("Allow", Self.allowed)
        response.headers.add("Supported", Self.supported)
        agreeTimer(key, to: invite.request, in: &response)
        if let name = configuration.productName { response.headers.add("Server", name) }
        if !body.isEmpty { response.headers.add("Content-Type", "application/sdp") }
        response.body = body
        respond(response, in: invite.transaction)

        let machine = SuccessRetransmission(response: response, timing: configuration.timing)
        let hasOffer = !invite.request.body.isEmpty
        if hasOffer { calls[key]?.session = NegotiatedSession(local: body, remote: invite.request.body) }
        calls[key]?.unacknowledged[sequence] = CallRecord.UnacknowledgedSuccess(
            machine: machine, destination: destination, offer: hasOffer || body.isEmpty ? nil : body, isRefresh: isRefresh)
        perform(machine.start(), key, sequence: sequence)
    }

    /// A timer of a 200 without ACK ran out.
    func fire(_ timer: SuccessRetransmission.Timer, of key: CallKey, sequence: UInt32) {
        guard var success = calls[key]?.unacknowledged[sequence] else { return }
        let actions = success.machine.fire(timer)
        calls[key]?.unacknowledged[sequence] = success
        perform(actions, key, sequence: sequence)
    }

    private func perform(_ actions: [SuccessRetransmission.Action], _ key: CallKey, sequence: UInt32) {
        for action in actions {
            switch action {
            case .send(let response):
                guard let destination = calls[key]?.unacknowledged[sequence]?.destination else { return }
                send(.response(response), to: destination)
            case .set(let timer, let delay):
                set(.success(key, sequence: sequence, timer), after: delay)
            case .notAcknowledged:
                let isOurWish = calls[key]?.isHangUpPending == true
                sendBye(key, reporting: isOurWish ? .localHangUp : .notAcknowledged)
            }
        }
    }
}
