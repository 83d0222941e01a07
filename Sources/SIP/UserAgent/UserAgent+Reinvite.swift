import Logging

extension UserAgent {
    // MARK: Ours

    /// See ``Call/reinvite(body:)``.
    func reinvite(_ key: CallKey, body: [UInt8]) async -> Result<[UInt8], ReinviteFailure> {
        guard let call = calls[key] else { return .failure(ReinviteFailure(status: 481, isCallOver: true)) }
        // One INVITE and one offer at a time in either direction (RFC 3261 14.1).
        if let failure = obstacle(toOffering: call) { return .failure(failure) }
        return await withCheckedContinuation { sendReinvite(key, body: body, waiter: $0) }
    }

    /// Sends a re-INVITE; without a waiter it is a refresh.
    func sendReinvite(
        _ key: CallKey, body: [UInt8], waiter: CheckedContinuation<Result<[UInt8], ReinviteFailure>, Never>?
    ) {
        switch makeOffer(.invite, key, body: body) {
        case .failure(let failure): waiter?.resume(returning: .failure(failure))
        case .success(let offer):
            calls[key]?.ownInvite = CallRecord.OwnInvite(transaction: offer.transaction, request: offer.request, waiter: waiter)
            open(offer.request, to: offer.destination, call: key)
        }
    }

    /// An INVITE or UPDATE of ours inside a call, numbered, with what the session's timer and the peer's realm ask for.
    func makeOffer(
        _ method: SIPMethod, _ key: CallKey, body: [UInt8]
    ) -> Result<(request: SIPRequest, transaction: TransactionID, destination: SIPFlow), ReinviteFailure> {
        guard let call = calls[key], var dialog = call.dialog else { return .failure(ReinviteFailure(status: 481, isCallOver: true)) }
        var request = dialog.makeRequest(method)
        request.body = body
        let destination = destination(of: dialog, peer: call.peer)
        request.headers.addFirst("Via", makeVia(on: destination.kind).text)
        decorate(&request, contactUser: call.contactUser, on: destination.kind)
        addTimer(key, to: &request)
        authorize(&request, of: key)
        guard let transaction = TransactionID(ofOwn: request) else { return .failure(ReinviteFailure(status: 500)) }
        calls[key]?.dialog = dialog
        return .success((request, transaction, destination))
    }

    /// A response to our re-INVITE.
    func deliverToReinvite(_ response: SIPResponse, _ key: CallKey) {
        guard !response.isProvisional, let invite = calls[key]?.ownInvite else { return }
        guard response.isSuccess else {
            if !inviteAgain(after: response, key) { failReinvite(key, response) }
            return
        }
        calls[key]?.ownInvite = nil
        calls[key]?.dialog?.refreshTarget(from: response.headers)
        calls[key]?.notePeer(response.headers)
        if !invite.request.body.isEmpty {
            calls[key]?.session = NegotiatedSession(local: invite.request.body, remote: response.body)
        }
        acknowledge(key, invite.request)
        takeTimer(key, from: response)
        invite.waiter?.resume(returning: .success(response.body))
    }

    /// Our re-INVITE failed. 408 and 481 mean that the peer is gone (RFC 3261 12.2.1.2); all others change nothing.
    func failReinvite(_ key: CallKey, _ response: SIPResponse) {
        guard let invite = calls[key]?.ownInvite else { return }
        calls[key]?.ownInvite = nil
        let isCallOver = response.status == 408 || response.status == 481
        if isCallOver {
            sendBye(key, reporting: .lost)
        } else if invite.waiter == nil {
            refreshFailed(key, response)
        }
        invite.waiter?.resume(returning: .failure(ReinviteFailure(status: response.status, isCallOver: isCallOver)))
    }

    /// See ``Call/glareDelay()``.
    func glareDelay(_ key: CallKey) -> Duration {
        let steps = calls[key]?.dialog?.isCaller == true ? 210...400 : 0...200
        return .milliseconds(10 * Int.random(in: steps, using: &random))
    }

    // MARK: The peer's

    /// An INVITE inside a dialog (RFC 3261 14.2).
    func receiveReinvite(_ arrival: Arrival, _ key: CallKey) {
        guard let call = calls[key], let sequence = arrival.request.headers.cseq?.number else { return }
        guard call.phase == .established, call.peerInvite == nil, call.peerUpdate == nil else {
            return refuse(arrival, 500, [retryAfter()])
        }
        guard calls[key]?.dialog?.accept(sequence: sequence) == true else { return refuse(arrival, 500) }
        if call.ownInvite != nil || call.ownUpdate?.request.body.isEmpty == false { return refuse(arrival, 491) }
        if refuseUnacceptable(arrival) { return }
        guard accept(arrival.request, as: arrival.id, replyTo: arrival.replyTo, call: key) else { return }
        let invite = CallRecord.PeerInvite(transaction: arrival.id, request: arrival.request)
        calls[key]?.notePeer(arrival.request.headers)
        if call.session.isRefreshed(by: arrival.request.body) {
            // A refresh touches nothing, and nobody needs to hear of it.
            calls[key]?.dialog?.refreshTarget(from: arrival.request.headers)
            return succeed(invite, key, body: call.session.local, isRefresh: true)
        }
        calls[key]?.peerInvite = invite
        respond(arrival.request.response(100), in: arrival.id)
        let responder = ReinviteResponder(key: key, transaction: arrival.id, agent: self)
        call.events.yield(.reinvite(body: arrival.request.body, responder))
    }

    func retryAfter() -> SIPHeaders.Field {
        SIPHeaders.Field("Retry-After", String(Int.random(in: 0...10, using: &random)))
    }

    /// See ``ReinviteResponder/answer(body:)``.
    func answerReinvite(_ key: CallKey, _ transaction: TransactionID, body: [UInt8]) {
        if let update = takePeerUpdate(key, transaction) { return succeedUpdate(update, key, body: body) }
        guard let invite = takePeerInvite(key, transaction) else { return }
        calls[key]?.dialog?.refreshTarget(from: invite.request.headers)
        succeed(invite, key, body: body)
    }

    /// See ``ReinviteResponder/reject(status:)``.
    func rejectReinvite(_ key: CallKey, _ transaction: TransactionID, status: Int) {
        guard let invite = takePeerUpdate(key, transaction) ?? takePeerInvite(key, transaction) else { return }
        respond(invite.request.response(Self.failure(status)), in: transaction)
    }

    private func takePeerInvite(_ key: CallKey, _ transaction: TransactionID) -> CallRecord.PeerInvite? {
        guard let invite = calls[key]?.peerInvite, invite.transaction == transaction else { return nil }
        calls[key]?.peerInvite = nil
        return invite
    }
}
