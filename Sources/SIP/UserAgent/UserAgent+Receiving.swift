import Logging
import NIOCore

extension UserAgent {
    /// The methods served.
    static let allowed = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE"
    /// The extensions spoken (RFC 3261 20.37).
    static let supported = "timer"

    /// Takes one datagram.
    func receive(_ datagram: SIPDatagram) {
        var parser = SIPParser()
        if datagram.flow.kind.isReliable {
            parser.maximumSize = SIPStreamFramer.maximumHeader + SIPStreamFramer.maximumBody
        }
        let message: SIPMessage
        do {
            message = try parser.parse(datagram.bytes)
        } catch {
            return refuseMalformed(datagram.bytes, error, by: datagram.flow)
        }
        switch message {
        case .response(let response): receive(response)
        case .request(let request): receive(request, by: datagram.flow)
        }
    }

    private func receive(_ response: SIPResponse) {
        // More than one Via: it was meant for somebody behind us (RFC 3261 8.1.3.3).
        guard let id = TransactionID(of: response), response.headers.list("Via").count == 1 else { return }
        if receive(response, in: id) { return }
        // A 2xx after the end of its transaction still needs its ACK (RFC 3261 13.2.2.4).
        if response.isSuccess, response.headers.cseq?.method == .invite { acknowledgeAgain(response) }
    }

    private func receive(_ arrived: SIPRequest, by flow: SIPFlow) {
        guard let id = TransactionID(of: arrived), let (request, replyTo) = noteSource(of: arrived, by: flow) else { return }
        if transactions[id] != nil {
            receiveAgain(request, in: id)
        } else if request.method == .ack {
            receiveACK(request)
        } else if !isShutDown || request.headers.to?.tag != nil {
            let isStranger = isStranger(request, from: flow.remote)
            dispatch(Arrival(request: request, id: id, source: flow.remote, replyTo: replyTo, isStranger: isStranger))
        }
    }

    private func dispatch(_ arrival: Arrival) {
        let request = arrival.request
        switch request.method {
        case .cancel:
            receiveCancel(arrival)
        case .invite, .bye, .update:
            if let dialog = DialogID(of: request) {
                guard let key = dialogs[dialog] else { return refuse(arrival, 481) }
                switch request.method {
                case .bye: receiveBye(arrival, key)
                case .update: receiveUpdate(arrival, key)
                default: receiveReinvite(arrival, key)
                }
            } else if request.method == .invite {
                if arrival.isStranger { refuseStranger(arrival) } else { receiveInvite(arrival) }
            } else {
                refuse(arrival, 481)
            }
        case .options:
            if let dialog = DialogID(of: request), dialogs[dialog] == nil { return refuse(arrival, 481) }
            if refuseUnknownExtension(arrival) { return }
            finish(arrival, 200) { headers in
                headers.add("Allow", Self.allowed)
                headers.add("Accept", "application/sdp")
                headers.add("Supported", Self.supported)
            }
        default:
            refuse(arrival, SIPMethod.known.contains(request.method.rawValue) ? 405 : 501)
        }
    }

    /// Answers a request with a failure.
    func refuse(_ arrival: Arrival, _ status: Int, _ fields: [SIPHeaders.Field] = []) {
        finish(arrival, status) { headers in
            if status == 405 || status == 501 { headers.add("Allow", Self.allowed) }
            for field in fields { headers.add(field.name, field.value) }
        }
    }

    /// Answers a request of which no more will be heard: in a transaction of its own, that of a stranger without.
    private func finish(_ arrival: Arrival, _ status: Int, _ add: (inout SIPHeaders) -> Void) {
        guard !arrival.isStranger else { return answerWithoutTransaction(arrival, status, add) }
        guard accept(arrival.request, as: arrival.id, replyTo: arrival.replyTo, call: nil) else { return }
        var response = arrival.request.response(status, toTag: randomToken())
        add(&response.headers)
        respond(response, in: arrival.id)
    }

    /// What a request must pass before it is looked at (RFC 3261 8.2.2.1, 8.2.2.3); true when it was refused. A caller that
    /// requires reliable provisional responses (100rel) is one of those.
    private func refuseUnknownExtension(_ arrival: Arrival) -> Bool {
        if case .other = arrival.request.uri.scheme {
            refuse(arrival, 416)
            return true
        }
        let unknown = arrival.request.headers.list("Require").filter { !$0.equalsIgnoringCase(Self.supported) }
        guard !unknown.isEmpty else { return false }
        refuse(arrival, 420, [SIPHeaders.Field("Unsupported", unknown.joined(separator: ", "))])
        return true
    }

    /// What every INVITE and UPDATE must pass before anyone hears of it (RFC 3261 8.2); true when it was refused.
    func refuseUnacceptable(_ arrival: Arrival) -> Bool {
        let request = arrival.request
        if refuseUnknownExtension(arrival) { return true }
        // RFC 3261 20.1: a caller that names what it takes and leaves out SDP cannot be answered.
        let accepted = request.headers.list("Accept").map { $0.split(separator: ";").first?.trimmed ?? "" }
        let isSDPAccepted = accepted.contains { type in
            ["application/sdp", "application/*", "*/*"].contains { type.equalsIgnoringCase($0) }
        }
        guard accepted.isEmpty || isSDPAccepted else {
            refuse(arrival, 406)
            return true
        }
        let type = request.headers["Content-Type"]?.split(separator: ";").first?.trimmed ?? "application/sdp"
        guard request.body.isEmpty || type.equalsIgnoringCase("application/sdp") else {
            refuse(arrival, 415, [SIPHeaders.Field("Accept", "application/sdp")])
            return true
        }
        return refuseShortTimer(arrival)
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
        calls[key]?.facts.note { $0.reasons = arrival.request.headers.reasons }
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
        calls[key]?.facts.note { $0.reasons = arrival.request.headers.reasons }
        end(key, with: .ended(.remoteHangUp))
    }

    /// An ACK outside of a transaction belongs to a 2xx of ours.
    private func receiveACK(_ request: SIPRequest) {
        guard let dialog = DialogID(of: request), let key = dialogs[dialog],
            let sequence = request.headers.cseq?.number, var call = calls[key],
            let success = call.unacknowledged.removeValue(forKey: sequence)
        else { return }
        if let offer = success.offer, !request.body.isEmpty {
            call.session = NegotiatedSession(local: offer, remote: request.body)
        }
        calls[key] = call
        cancel(.success(key, sequence: sequence, .retransmit))
        cancel(.success(key, sequence: sequence, .giveUp))
        if !success.isRefresh { call.events.yield(.acknowledged(body: request.body)) }
        if call.isHangUpPending { sendBye(key, reporting: .localHangUp) }
    }
}

/// A new request of the peer.
struct Arrival {
    let request: SIPRequest
    let id: TransactionID
    let source: SocketAddress
    let replyTo: SIPFlow
    /// Whether it belongs to no call and came from where no calls are taken.
    let isStranger: Bool
}
