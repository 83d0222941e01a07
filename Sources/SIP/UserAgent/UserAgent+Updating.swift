/// UPDATE (RFC 3311): a change or a refresh of the session outside of INVITE.
extension UserAgent {
    /// What keeps an offer of ours from being sent now: any offer of either side without its answer, or a 2xx of ours without
    /// ACK (RFC 3261 14.1, RFC 3311 5.1).
    func obstacle(toOffering call: CallRecord) -> ReinviteFailure? {
        guard call.phase == .established, !call.isHangUpPending else { return ReinviteFailure(status: 481, isCallOver: true) }
        let isBusy =
            call.ownInvite != nil || call.peerInvite != nil || call.peerUpdate != nil || !call.unacknowledged.isEmpty
            || call.ownUpdate?.request.body.isEmpty == false
        return isBusy ? ReinviteFailure(status: 491) : nil
    }

    // MARK: Ours

    /// See ``Call/update(body:)``.
    func update(_ key: CallKey, body: [UInt8]) async -> Result<[UInt8], ReinviteFailure> {
        guard let call = calls[key], call.phase == .established, !call.isHangUpPending else {
            return .failure(ReinviteFailure(status: 481, isCallOver: true))
        }
        if !body.isEmpty, let failure = obstacle(toOffering: call) { return .failure(failure) }
        guard call.ownUpdate == nil else { return .failure(ReinviteFailure(status: 491)) }
        return await withCheckedContinuation { sendUpdate(key, body: body, waiter: $0) }
    }

    /// Sends an UPDATE; without a waiter it is a refresh.
    func sendUpdate(
        _ key: CallKey, body: [UInt8], waiter: CheckedContinuation<Result<[UInt8], ReinviteFailure>, Never>?
    ) {
        switch makeOffer(.update, key, body: body) {
        case .failure(let failure): waiter?.resume(returning: .failure(failure))
        case .success(let offer):
            calls[key]?.ownUpdate = CallRecord.OwnInvite(transaction: offer.transaction, request: offer.request, waiter: waiter)
            open(offer.request, to: offer.destination, call: key)
        }
    }

    /// A response to our UPDATE.
    func deliverToUpdate(_ response: SIPResponse, of id: TransactionID, _ key: CallKey) {
        guard !response.isProvisional, let update = calls[key]?.ownUpdate, update.transaction == id else { return }
        guard response.isSuccess else {
            if !updateAgain(after: response, key) { failUpdate(key, response) }
            return
        }
        calls[key]?.ownUpdate = nil
        calls[key]?.dialog?.refreshTarget(from: response.headers)
        if !update.request.body.isEmpty {
            calls[key]?.session = NegotiatedSession(local: update.request.body, remote: response.body)
        }
        takeTimer(key, from: response)
        update.waiter?.resume(returning: .success(response.body))
    }

    /// Sends our UPDATE again with credentials; false when the refusal stands.
    private func updateAgain(after response: SIPResponse, _ key: CallKey) -> Bool {
        guard let call = calls[key], let update = call.ownUpdate, let dialog = call.dialog else { return false }
        let destination = destination(of: dialog, peer: call.peer)
        guard let request = requestAgain(update.request, after: response, of: key, on: destination.kind),
            let transaction = TransactionID(ofOwn: request)
        else { return false }
        calls[key]?.ownUpdate?.transaction = transaction
        calls[key]?.ownUpdate?.request = request
        open(request, to: destination, call: key)
        return true
    }

    /// Our UPDATE failed. 408 and 481 mean that the peer is gone (RFC 3261 12.2.1.2); all others change nothing.
    func failUpdate(_ key: CallKey, _ response: SIPResponse) {
        guard let update = calls[key]?.ownUpdate else { return }
        calls[key]?.ownUpdate = nil
        let isCallOver = response.status == 408 || response.status == 481
        if isCallOver {
            sendBye(key, reporting: .lost)
        } else if update.waiter == nil {
            refreshFailed(key, response)
        }
        update.waiter?.resume(returning: .failure(ReinviteFailure(status: response.status, isCallOver: isCallOver)))
    }

    // MARK: The peer's

    /// An UPDATE of the peer (RFC 3311 5.2).
    func receiveUpdate(_ arrival: Arrival, _ key: CallKey) {
        guard let call = calls[key], let sequence = arrival.request.headers.cseq?.number else { return }
        let hasOffer = !arrival.request.body.isEmpty
        // Another UPDATE, or an offer of theirs, waits for our answer.
        guard call.peerUpdate == nil, !hasOffer || (call.phase == .established && call.peerInvite == nil) else {
            return refuse(arrival, 500, [retryAfter()])
        }
        guard calls[key]?.dialog?.accept(sequence: sequence) == true else { return refuse(arrival, 500) }
        // An offer of ours waits for theirs: in an INVITE, an UPDATE, or a 2xx whose ACK has not come.
        let isOffering =
            call.ownInvite != nil || call.ownUpdate?.request.body.isEmpty == false
            || call.unacknowledged.values.contains { $0.offer != nil }
        if hasOffer, isOffering { return refuse(arrival, 491) }
        if refuseUnacceptable(arrival) { return }
        guard accept(arrival.request, as: arrival.id, replyTo: arrival.replyTo, call: key) else { return }
        calls[key]?.notePeer(arrival.request.headers)
        let update = CallRecord.PeerInvite(transaction: arrival.id, request: arrival.request)
        if !hasOffer {
            succeedUpdate(update, key, body: [])
        } else if call.session.isRefreshed(by: arrival.request.body) {
            succeedUpdate(update, key, body: call.session.local)
        } else {
            calls[key]?.peerUpdate = update
            let responder = ReinviteResponder(key: key, transaction: arrival.id, agent: self)
            call.events.yield(.reinvite(body: arrival.request.body, responder))
        }
    }

    /// 200 to an UPDATE. There is no ACK to wait for.
    func succeedUpdate(_ update: CallRecord.PeerInvite, _ key: CallKey, body: [UInt8]) {
        guard let call = calls[key], let kind = transactions[update.transaction]?.destination.kind else { return }
        calls[key]?.dialog?.refreshTarget(from: update.request.headers)
        if !update.request.body.isEmpty {
            calls[key]?.session = NegotiatedSession(local: body, remote: update.request.body)
        }
        var response = update.request.response(200, toTag: call.localTag)
        response.headers.add("Contact", contact(user: call.contactUser, on: kind))
        response.headers.add("Allow", Self.allowed)
        response.headers.add("Supported", Self.supported)
        // Before the answer an UPDATE refreshes nothing: the timer is agreed with the 2xx to the INVITE.
        if call.phase == .established { agreeTimer(key, to: update.request, in: &response) }
        if !body.isEmpty { response.headers.add("Content-Type", "application/sdp") }
        response.body = body
        respond(response, in: update.transaction)
    }

    /// The UPDATE that waits for an answer, which is then given.
    func takePeerUpdate(_ key: CallKey, _ transaction: TransactionID) -> CallRecord.PeerInvite? {
        guard let update = calls[key]?.peerUpdate, update.transaction == transaction else { return nil }
        calls[key]?.peerUpdate = nil
        return update
    }
}
