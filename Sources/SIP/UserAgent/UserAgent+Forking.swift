/// An INVITE of ours whose 2xx may still come: more of them from other branches of a fork, and each again until its ACK
/// arrives. It outlives its call, because a branch may answer after the call is over (RFC 3261 13.2.2.4).
struct AnsweredInvite {
    /// More branches than that are not hung up: no phone has so many.
    static let maximumBranches = 64

    let request: SIPRequest
    let peer: SIPFlow
    let authenticator: DigestAuthenticator?
    /// The ACKs sent, by the tag of the branch that answered.
    var acknowledgements: [String: CallRecord.SentACK] = [:]
}

extension UserAgent {
    /// Keeps an INVITE as long as a 2xx to it may come: 64 x T1 after the first.
    /// - Parameter winner: the branch that has the call and its ACK, or nil when the call is over without an answer.
    func remember(_ invite: SIPRequest, of call: CallRecord, winner: (tag: String, ack: CallRecord.SentACK)? = nil) {
        guard let id = Self.branches(of: invite.headers) else { return }
        var record = AnsweredInvite(request: invite, peer: call.peer, authenticator: call.authenticator)
        if let winner { record.acknowledgements[winner.tag] = winner.ack }
        answeredInvites[id] = record
        set(.answered(id), after: configuration.timing.timeout)
    }

    /// No more 2xx will come.
    func forgetAnswered(_ id: DialogID) {
        answeredInvites.removeValue(forKey: id)
    }

    private static func branches(of headers: SIPHeaders) -> DialogID? {
        guard let callID = headers.callID, let tag = headers.from?.tag else { return nil }
        return DialogID(callID: callID, localTag: tag, remoteTag: "")
    }

    /// A 2xx came again, because our ACK was lost, or another branch of a forked call answered too.
    func acknowledgeAgain(_ response: SIPResponse) {
        guard let id = Self.branches(of: response.headers), let sequence = response.headers.cseq?.number else { return }
        let remoteTag = response.headers.to?.tag ?? ""
        if let answered = answeredInvites[id], answered.request.headers.cseq?.number == sequence {
            if let ack = answered.acknowledgements[remoteTag] {
                send(.request(ack.request), to: ack.destination)
            } else if answered.acknowledgements.count < AnsweredInvite.maximumBranches {
                endBranch(response, of: answered, id)
            }
        } else if let key = dialogs[DialogID(callID: id.callID, localTag: id.localTag, remoteTag: remoteTag)] {
            guard let ack = calls[key]?.sentACK, ack.sequence == sequence else { return }
            send(.request(ack.request), to: ack.destination)
        }
    }

    /// The first 2xx has the call; each other branch is acknowledged and hung up.
    private func endBranch(_ response: SIPResponse, of answered: AnsweredInvite, _ id: DialogID) {
        guard var dialog = Dialog(caller: answered.request, response: response) else { return }
        let destination = destination(of: dialog, peer: answered.peer)
        var ack = dialog.makeACK(sequence: dialog.localSequence)
        ack.headers.addFirst("Via", makeVia(on: destination.kind).text)
        ack.copyCredentials(of: answered.request)
        answeredInvites[id]?.acknowledgements[dialog.id.remoteTag] = CallRecord.SentACK(
            sequence: dialog.localSequence, request: ack, destination: destination)
        send(.request(ack), to: destination)
        var bye = dialog.makeRequest(.bye)
        bye.headers.addFirst("Via", makeVia(on: destination.kind).text)
        if let name = configuration.productName { bye.headers.add("User-Agent", name) }
        openAlone(bye, to: destination, authenticator: answered.authenticator)
    }
}
