import Logging

extension UserAgent {
    /// See ``Call/hangUp()``.
    func hangUp(_ key: CallKey) {
        guard let call = calls[key] else { return }
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
        open(invite.request.cancellation(), to: call.peer, call: key)
    }

    /// The peer answered neither CANCEL nor INVITE.
    func abandonCancelled(_ key: CallKey) {
        guard let invite = calls[key]?.ownInvite else { return }
        forget(invite.transaction)
        end(key, with: .ended(.localHangUp))
    }

    /// Sends BYE and ends the call; the BYE's answer changes nothing any more.
    func sendBye(_ key: CallKey, reporting reason: CallEnd) {
        guard let call = calls[key], var dialog = call.dialog else { return }
        var request = dialog.makeRequest(.bye)
        request.headers.addFirst("Via", makeVia().text)
        if let name = configuration.productName { request.headers.add("User-Agent", name) }
        let destination = destination(of: dialog, peer: call.peer)
        end(key, with: .ended(reason))
        open(request, to: destination, call: nil)
    }

    /// Forgets a call: open INVITEs are settled, timers stopped, and the events end with this one.
    func end(_ key: CallKey, with event: CallEvent) {
        guard let call = calls.removeValue(forKey: key) else { return }
        if let dialog = call.dialog { dialogs.removeValue(forKey: dialog.id) }
        for sequence in call.unacknowledged.keys {
            cancel(.success(key, sequence: sequence, .retransmit))
            cancel(.success(key, sequence: sequence, .giveUp))
        }
        cancel(.cancelled(key))
        if let invite = call.peerInvite {
            respond(invite.request.response(487, toTag: call.localTag), in: invite.transaction)
        }
        call.ownInvite?.waiter?.resume(returning: .failure(ReinviteFailure(status: 481, isCallOver: true)))
        logger.info("SIP call over", metadata: ["call-id": "\(call.callID)"])
        call.events.yield(event)
        call.events.finish()
    }
}
