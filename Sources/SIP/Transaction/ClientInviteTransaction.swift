/// The INVITE client transaction (RFC 3261 17.1.1 with the `accepted` state of RFC 6026 8.4). It acknowledges failures
/// itself; the ACK to a 2xx belongs to its user.
package struct ClientInviteTransaction: Sendable {
    /// RFC 6026 figure 3.
    package enum State: Sendable, Equatable {
        /// Sent, nothing heard.
        case calling
        /// A 1xx came.
        case proceeding
        /// A failure came and was acknowledged.
        case completed
        /// A 2xx came.
        case accepted
        /// Over.
        case terminated
    }

    /// The state.
    package private(set) var state = State.calling
    /// The request, with the Via that names the transaction.
    package let request: SIPRequest
    private let timing: SIPTiming
    private let isReliable: Bool
    private var interval: Duration
    private var acknowledgement: SIPRequest?

    /// Builds a transaction; `isReliable` is true on TCP and TLS.
    package init(request: SIPRequest, timing: SIPTiming, isReliable: Bool) {
        self.request = request
        self.timing = timing
        self.isReliable = isReliable
        interval = timing.t1
    }

    /// The first transmission.
    package func start() -> [TransactionAction] {
        [.send(.request(request))] + (isReliable ? [] : [.set(.a, interval)]) + [.set(.b, timing.timeout)]
    }

    /// A response with the branch of this transaction came.
    package mutating func receive(_ response: SIPResponse) -> [TransactionAction] {
        switch state {
        case .calling, .proceeding:
            let stop: [TransactionAction] = [.cancel(.a), .cancel(.b)]
            if response.isProvisional {
                state = .proceeding
                return stop + [.deliver(.response(response))]
            }
            if response.isSuccess {
                state = .accepted
                return stop + [.set(.m, timing.timeout), .deliver(.response(response))]
            }
            let ack = request.acknowledgementOfFailure(response)
            acknowledgement = ack
            let actions = stop + [.send(.request(ack)), .deliver(.response(response))]
            state = isReliable ? .terminated : .completed
            return actions + [isReliable ? .terminated : .set(.d, timing.d)]
        case .completed:
            guard !response.isProvisional, !response.isSuccess, let acknowledgement else { return [] }
            return [.send(.request(acknowledgement))]
        case .accepted:
            return response.isSuccess ? [.deliver(.response(response))] : []
        case .terminated:
            return []
        }
    }

    /// A timer ran out.
    package mutating func fire(_ timer: SIPTimer) -> [TransactionAction] {
        switch (timer, state) {
        case (.a, .calling):
            interval = interval * 2
            return [.send(.request(request)), .set(.a, interval)]
        case (.b, .calling):
            state = .terminated
            return [.cancel(.a), .timedOut, .terminated]
        case (.d, .completed), (.m, .accepted):
            state = .terminated
            return [.terminated]
        default:
            return []
        }
    }
}

extension SIPRequest {
    /// The ACK to a failure: same branch, Request-URI and Route, To of the response (RFC 3261 17.1.1.3).
    func acknowledgementOfFailure(_ response: SIPResponse) -> SIPRequest {
        var ack = sibling(.ack)
        if let to = response.headers["To"] { ack.headers.set("To", to) }
        return ack
    }

    /// The CANCEL of this INVITE (RFC 3261 9.1).
    func cancellation() -> SIPRequest { sibling(.cancel) }

    /// A request of the same transaction: top Via, From, To, Call-ID, CSeq number and Route are the same.
    private func sibling(_ method: SIPMethod) -> SIPRequest {
        var copied = SIPHeaders()
        if let via = headers.list("Via").first { copied.add("Via", via) }
        copied.add("Max-Forwards", "70")
        for name in ["From", "To", "Call-ID"] { copied.add(name, headers[name] ?? "") }
        copied.add("CSeq", CSeq(number: headers.cseq?.number ?? 0, method: method).text)
        for route in headers.values("Route") { copied.add("Route", route) }
        return SIPRequest(method: method, uri: uri, headers: copied)
    }
}
