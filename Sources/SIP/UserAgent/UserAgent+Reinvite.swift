import Logging

extension UserAgent {
    // MARK: Ours

    /// See ``Call/reinvite(body:)``.
    func reinvite(_ key: CallKey, body: [UInt8]) async -> Result<[UInt8], ReinviteFailure> {
        guard let call = calls[key], call.phase == .established, !call.isHangUpPending, var dialog = call.dialog else {
            return .failure(ReinviteFailure(status: 481, isCallOver: true))
        }
        // One INVITE at a time in either direction (RFC 3261 14.1).
        guard call.ownInvite == nil, call.peerInvite == nil, call.unacknowledged.isEmpty else {
            return .failure(ReinviteFailure(status: 491))
        }
        var request = dialog.makeRequest(.invite)
        request.body = body
        request.headers.addFirst("Via", makeVia().text)
        decorate(&request, contactUser: call.contactUser)
        guard let transaction = TransactionID(ofOwn: request) else {
            return .failure(ReinviteFailure(status: 500))
        }
        calls[key]?.dialog = dialog
        return await withCheckedContinuation { continuation in
            calls[key]?.ownInvite = CallRecord.OwnInvite(
                transaction: transaction, request: request, waiter: continuation)
            open(request, to: destination(of: dialog, peer: call.peer), call: key)
        }
    }

    /// A response to our re-INVITE.
    func deliverToReinvite(_ response: SIPResponse, _ key: CallKey) {
        guard !response.isProvisional, let invite = calls[key]?.ownInvite else { return }
        guard response.isSuccess else { return failReinvite(key, status: response.status) }
        calls[key]?.ownInvite = nil
        calls[key]?.dialog?.refreshTarget(from: response.headers)
        acknowledge(key, sequence: invite.request.headers.cseq?.number ?? 0)
        invite.waiter?.resume(returning: .success(response.body))
    }

    /// Our re-INVITE failed. 408 and 481 mean that the peer is gone (RFC 3261 12.2.1.2); all others change nothing.
    func failReinvite(_ key: CallKey, status: Int) {
        guard let invite = calls[key]?.ownInvite else { return }
        calls[key]?.ownInvite = nil
        let isCallOver = status == 408 || status == 481
        if isCallOver { sendBye(key, reporting: .lost) }
        invite.waiter?.resume(returning: .failure(ReinviteFailure(status: status, isCallOver: isCallOver)))
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
        guard call.phase == .established, call.peerInvite == nil else {
            return refuse(arrival, 500, [retryAfter()])
        }
        guard calls[key]?.dialog?.accept(sequence: sequence) == true else { return refuse(arrival, 500) }
        if call.ownInvite != nil { return refuse(arrival, 491) }
        if refuseUnacceptable(arrival) { return }
        guard accept(arrival.request, as: arrival.id, replyTo: arrival.replyTo, call: key) else { return }
        calls[key]?.peerInvite = CallRecord.PeerInvite(transaction: arrival.id, request: arrival.request)
        respond(arrival.request.response(100), in: arrival.id)
        let responder = ReinviteResponder(key: key, transaction: arrival.id, agent: self)
        call.events.yield(.reinvite(body: arrival.request.body, responder))
    }

    private func retryAfter() -> SIPHeaders.Field {
        SIPHeaders.Field("Retry-After", String(Int.random(in: 0...10, using: &random)))
    }

    /// See ``ReinviteResponder/answer(body:)``.
    func answerReinvite(_ key: CallKey, _ transaction: TransactionID, body: [UInt8]) {
        guard let invite = takePeerInvite(key, transaction) else { return }
        calls[key]?.dialog?.refreshTarget(from: invite.request.headers)
        succeed(invite, key, body: body)
    }

    /// See ``ReinviteResponder/reject(status:)``.
    func rejectReinvite(_ key: CallKey, _ transaction: TransactionID, status: Int) {
        guard let invite = takePeerInvite(key, transaction) else { return }
        respond(invite.request.response(Self.failure(status)), in: transaction)
    }

    private func takePeerInvite(_ key: CallKey, _ transaction: TransactionID) -> CallRecord.PeerInvite? {
        guard let invite = calls[key]?.peerInvite, invite.transaction == transaction else { return nil }
        calls[key]?.peerInvite = nil
        return invite
    }
}
