import Logging
import NIOCore

extension UserAgent {
    /// The methods served.
    private static let allowed = "INVITE, ACK, BYE, CANCEL, OPTIONS"

    /// Takes one datagram. What cannot be read is dropped: an answer would only help who probes (RFC 3261 18.1.2).
    func receive(_ datagram: SIPDatagram) {
        let message: SIPMessage
        do {
            message = try SIPParser().parse(datagram.bytes)
        } catch {
            if error != .empty {
                logger.debug("SIP datagram dropped", metadata: ["failure": "\(error)"])
            }
            return
        }
        switch message {
        case .response(let response): receive(response)
        case .request(let request): receive(request, from: datagram.source)
        }
    }

    private func receive(_ response: SIPResponse) {
        guard let id = TransactionID(of: response) else { return }
        if receive(response, in: id) { return }
        // A 2xx after the end of its transaction still needs its ACK (RFC 3261 13.2.2.4).
        if response.isSuccess, response.headers.cseq?.method == .invite { acknowledgeAgain(response) }
    }

    private func receive(_ arrived: SIPRequest, from source: SocketAddress) {
        guard var via = arrived.headers.topVia, let id = TransactionID(of: arrived) else { return }
        // RFC 3261 18.2.1 and RFC 3581 4: note where it came from, so that the answer goes there.
        var replyTo = source
        if via.parameters["rport"] != nil {
            via.parameters["rport"] = source.port.map(String.init)
            via.parameters["received"] = source.ipAddress
        } else {
            replyTo.port = via.port ?? 5060
            if via.host != source.ipAddress { via.parameters["received"] = source.ipAddress }
        }
        var request = arrived
        request.headers.replaceFirstEntry(of: "Via", with: via.text)

        if transactions[id] != nil {
            receiveAgain(request, in: id)
        } else if request.method == .ack {
            receiveACK(request)
        } else if !isShutDown || request.headers.to?.tag != nil {
            dispatch(Arrival(request: request, id: id, source: source, replyTo: replyTo))
        }
    }

    private func dispatch(_ arrival: Arrival) {
        let request = arrival.request
        switch request.method {
        case .cancel:
            receiveCancel(arrival)
        case .invite, .bye:
            if let dialog = DialogID(of: request) {
                guard let key = dialogs[dialog] else { return refuse(arrival, 481) }
                if request.method == .bye { receiveBye(arrival, key) } else { receiveReinvite(arrival, key) }
            } else if request.method == .bye {
                refuse(arrival, 481)
            } else {
                receiveInvite(arrival)
            }
        case .options:
            if let dialog = DialogID(of: request), dialogs[dialog] == nil { return refuse(arrival, 481) }
            guard accept(request, as: arrival.id, replyTo: arrival.replyTo, call: nil) else { return }
            var response = request.response(200, toTag: randomToken())
            response.headers.add("Allow", Self.allowed)
            response.headers.add("Accept", "application/sdp")
            respond(response, in: arrival.id)
        default:
            refuse(arrival, SIPMethod.known.contains(request.method.rawValue) ? 405 : 501)
        }
    }

    /// Opens the transaction of a request and answers it with a failure.
    func refuse(_ arrival: Arrival, _ status: Int, _ fields: [SIPHeaders.Field] = []) {
        guard accept(arrival.request, as: arrival.id, replyTo: arrival.replyTo, call: nil) else { return }
        var response = arrival.request.response(status, toTag: randomToken())
        if status == 405 || status == 501 { response.headers.add("Allow", Self.allowed) }
        for field in fields { response.headers.add(field.name, field.value) }
        respond(response, in: arrival.id)
    }

    /// What every INVITE must pass before anyone hears of it (RFC 3261 8.2); true when it was refused.
    func refuseUnacceptable(_ arrival: Arrival) -> Bool {
        let request = arrival.request
        if case .other = request.uri.scheme {
            refuse(arrival, 416)
            return true
        }
        let required = request.headers.list("Require")
        guard required.isEmpty else {
            refuse(arrival, 420, [SIPHeaders.Field("Unsupported", required.joined(separator: ", "))])
            return true
        }
        let type = request.headers["Content-Type"]?.split(separator: ";").first?.trimmed ?? "application/sdp"
        guard request.body.isEmpty || type.equalsIgnoringCase("application/sdp") else {
            refuse(arrival, 415, [SIPHeaders.Field("Accept", "application/sdp")])
            return true
        }
        return false
    }

    /// RFC 3261 9.2: 200 to the CANCEL, 487 to its INVITE if that has no final answer.
    private func receiveCancel(_ arrival: Arrival) {
        guard let invite = TransactionID(of: arrival.request, method: .invite), let record = transactions[invite] else {
            return refuse(arrival, 481)
        }
        guard accept(arrival.request, as: arrival.id, replyTo: arrival.replyTo, call: nil) else { return }
        let tag = record.call.flatMap { calls[$0]?.localTag } ?? randomToken()
        respond(arrival.request.response(200, toTag: tag), in: arrival.id)
        guard let key = record.call, let peerInvite = calls[key]?.peerInvite, peerInvite.transaction == invite else {
            return
        }
        calls[key]?.peerInvite = nil
        respond(peerInvite.request.response(487, toTag: tag), in: invite)
        if calls[key]?.phase == .ringing { end(key, with: .ended(.remoteCancel)) }
    }

    /// RFC 3261 15.1.2.
    private func receiveBye(_ arrival: Arrival, _ key: CallKey) {
        guard accept(arrival.request, as: arrival.id, replyTo: arrival.replyTo, call: nil) else { return }
        let sequence = arrival.request.headers.cseq?.number ?? 0
        guard calls[key]?.dialog?.accept(sequence: sequence) == true else {
            return respond(arrival.request.response(500), in: arrival.id)
        }
        respond(arrival.request.response(200), in: arrival.id)
        end(key, with: .ended(.remoteHangUp))
    }

    /// An ACK outside of a transaction belongs to a 2xx of ours.
    private func receiveACK(_ request: SIPRequest) {
        guard let dialog = DialogID(of: request), let key = dialogs[dialog],
            let sequence = request.headers.cseq?.number, var call = calls[key],
            call.unacknowledged.removeValue(forKey: sequence) != nil
        else { return }
        calls[key] = call
        cancel(.success(key, sequence: sequence, .retransmit))
        cancel(.success(key, sequence: sequence, .giveUp))
        call.events.yield(.acknowledged(body: request.body))
        if call.isHangUpPending { sendBye(key, reporting: .localHangUp) }
    }
}

/// A new request of the peer.
struct Arrival {
    let request: SIPRequest
    let id: TransactionID
    let source: SocketAddress
    let replyTo: SocketAddress
}
