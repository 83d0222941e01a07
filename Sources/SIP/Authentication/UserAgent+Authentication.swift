extension UserAgent {
    /// 128 random bits for `cnonce` (RFC 7616 5.3).
    func makeClientNonce() -> String { randomToken() + randomToken() }

    /// Adds to a new request of a call the credentials for every realm that has asked in this call (RFC 3261 22.2).
    func authorize(_ request: inout SIPRequest, of key: CallKey) {
        calls[key]?.authenticator?.begin(&request)
    }

    /// A request of a call once more after a 401 or 407, with credentials, a sequence number and a branch of its own
    /// (RFC 3261 22.2); the caller opens its transaction. Nil when the refusal stands: there are no credentials for what
    /// is asked, or they were refused before.
    func requestAgain(
        _ request: SIPRequest, after response: SIPResponse, of key: CallKey, on kind: SIPTransportKind
    ) -> SIPRequest? {
        guard var call = calls[key] else { return nil }
        var again = request
        let nonce = makeClientNonce()
        guard call.authenticator?.answer(response, in: &again, clientNonce: nonce) == true else { return nil }
        if call.dialog == nil {
            again.renumber()
        } else if let next = call.dialog?.makeRequest(request.method).headers["CSeq"] {
            again.headers.set("CSeq", next)
        }
        again.headers.replaceFirstEntry(of: "Via", with: makeVia(on: kind).text)
        calls[key] = call
        return again
    }

    /// Sends our INVITE or re-INVITE again with credentials; false when the refusal stands. It is the same call: Call-ID,
    /// tags and whoever waits for the outcome stay.
    func inviteAgain(after response: SIPResponse, _ key: CallKey) -> Bool {
        guard let call = calls[key], let invite = call.ownInvite, !call.isCancelRequested else { return false }
        let flow = call.phase == .calling ? call.peer : call.dialog.map { destination(of: $0, peer: call.peer) } ?? call.peer
        guard let request = requestAgain(invite.request, after: response, of: key, on: flow.kind),
            let transaction = TransactionID(ofOwn: request)
        else { return false }
        calls[key]?.ownInvite?.transaction = transaction
        calls[key]?.ownInvite?.request = request
        // The new INVITE has had no 1xx, without which it must not be cancelled (RFC 3261 9.1).
        if call.phase == .calling { calls[key]?.hasProvisional = false }
        open(request, to: flow, call: key)
        return true
    }
}

extension SIPRequest {
    /// Gives it the next sequence number.
    mutating func renumber() {
        let number = headers.cseq?.number ?? 0
        headers.set("CSeq", CSeq(number: number < 0x7FFF_FFFF ? number + 1 : 1, method: method).text)
    }

    /// Takes the credentials of an INVITE over into the ACK to its 2xx (RFC 3261 13.2.2.4).
    mutating func copyCredentials(of invite: SIPRequest) {
        for name in ["Authorization", "Proxy-Authorization"] {
            for value in invite.headers.values(name) { headers.add(name, value) }
        }
    }
}
