import Logging

extension UserAgent {
    /// See ``Call/hangUp(reason:)``.
    func hangUp(_ key: CallKey, reason: SIPReason? = nil) {
        guard let call = calls[key] else { return }
        if call.hangUpReason == nil { calls[key]?.hangUpReason = reason }
        switch call.phase {
        case .calling:
            calls[key]?.isCancelRequested = true
            // Before a provisional response a CANCEL could overtake its INVITE (RFC 3261 9.1).
            if call.hasProvisional { sendCancel(key) }
        case .ringing:
            reject(key, status: 480)
        case .established:
            // A callee waits for the ACK to its 200 before BYE (RFC 3261 15).
            if call.dialog?.isCaller == false, !call.unacknowledged.isEmpty {
                calls[key]?.isHangUpPending = true
            } else {
                sendBye(key, reporting: .localHangUp)
            }
        }
    }

    /// Cancels our INVITE once.
    func sendCancel(_ key: CallKey) {
        guard let call = calls[key], let invite = call.ownInvite, !call.isCancelSent else { return }
        calls[key]?.isCancelSent = true
        set(.cancelled(key), after: configuration.timing.timeout)
        var request = invite.request.cancellation()
        if let reason = call.hangUpReason { request.headers.add("Reason", reason.headerValue) }
        open(request, to: call.peer, call: key)
    }

    /// The peer answered neither CANCEL nor INVITE.
    func abandonCancelled(_ key: CallKey) {
        guard let call = calls[key], let invite = call.ownInvite else { return }
        forget(invite.transaction)
        remember(invite.request, of: call)
        end(key, with: .ended(.localHangUp))
    }

    /// Sends BYE and ends the call; the BYE's answer changes nothing any more.
    func sendBye(_ key: CallKey, reporting reason: CallEnd) {
        guard let call = calls[key], var dialog = call.dialog else { return }
        var request = dialog.makeRequest(.bye)
        let destination = destination(of: dialog, peer: call.peer)
        request.headers.addFirst("Via", makeVia(on: destination.kind).text)
        if let name = configuration.productName { request.headers.add("User-Agent", name) }
        if let reason = call.hangUpReason { request.headers.add("Reason", reason.headerValue) }
        end(key, with: .ended(reason))
        openAlone(request, to: destination, authenticator: call.authenticator)
    }

    /// Forgets a call: open INVITEs are settled, timers stopped, and the events end with this one.
    func end(_ key: CallKey, with event: CallEvent) {
        guard let call = calls.removeValue(forKey: key) else { return }
        if let dialog = call.dialog { dialogs.removeValue(forKey: dialog.id) }
        for sequence in call.unacknowledged.keys {
            cancel(.success(key, sequence: sequence, .retransmit))
            cancel(.success(key, sequence: sequence, .giveUp))
        }
        for timer: TimerKey in [.cancelled(key), .refresh(key), .expiry(key)] { cancel(timer) }
        for invite in [call.peerInvite, call.peerUpdate].compactMap(\.self) {
            respond(invite.request.response(487, toTag: call.localTag), in: invite.transaction)
        }
        for own in [call.ownInvite, call.ownUpdate] {
            own?.waiter?.resume(returning: .failure(ReinviteFailure(status: 481, isCallOver: true)))
        }
        logger.info("SIP call over", metadata: ["call-id": "\(call.callID)"])
        if call.isShutDown, case .ended(.localHangUp) = event {
            call.events.yield(.ended(.shutDown))
        } else {
            call.events.yield(event)
        }
        call.events.finish()
    }
}
