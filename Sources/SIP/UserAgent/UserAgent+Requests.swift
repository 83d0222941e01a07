/// Why a request outside of a call has no answer.
package enum RequestFailure: Error, Equatable, Sendable {
    /// No final answer within 64 x T1 (timer F), or the connection was lost or refused.
    case noAnswer
    /// The destination has no address.
    case unresolvable
    /// The agent is shut down.
    case shutDown
}

/// A request outside of calls, before it has a Via.
struct RequestDraft: Sendable {
    let method: SIPMethod
    let uri: SIPURI
    /// Our address with tag.
    let from: NameAddress
    let to: NameAddress
    let callID: String
    let sequence: UInt32
    var headers: [SIPHeaders.Field] = []
    var body: [UInt8] = []
}

/// A final answer and what the next request of the same row starts from.
struct Exchange: Sendable {
    let response: SIPResponse
    /// The number of the last request: higher than the draft's by one for each challenge answered.
    let sequence: UInt32
    let authenticator: DigestAuthenticator?
}

/// A request of ours that answers challenges without the help of a call: one outside of calls, or a BYE.
struct OwnRequest {
    var request: SIPRequest
    let destination: SIPFlow
    var authenticator: DigestAuthenticator?
    /// Nil when nobody cares for the answer.
    let waiter: CheckedContinuation<Result<Exchange, RequestFailure>, Never>?
}

extension UserAgent {
    /// Sends a request outside of calls (RFC 3261 8.1), such as OPTIONS, and waits for its final answer, at most 64 x T1 a
    /// destination. Challenges are answered once.
    /// - Parameters:
    ///   - uri: the Request-URI.
    ///   - from: our address without tag.
    ///   - to: To, where it is not the Request-URI, as in REGISTER.
    ///   - headers: further fields, such as Accept.
    ///   - credentials: those of the configuration by default.
    /// - Throws: ``RequestFailure``.
    package func request(
        _ method: SIPMethod, uri: SIPURI, destination: SIPDestination, from: NameAddress, to: NameAddress? = nil,
        headers: [SIPHeaders.Field] = [], credentials: SIPCredentials? = nil
    ) async throws(RequestFailure) -> SIPResponse {
        guard !isShutDown else { throw .shutDown }
        var from = from
        from.tag = randomToken()
        let host = advertised(destination.transport ?? .udp).host
        let draft = RequestDraft(
            method: method, uri: uri, from: from, to: to ?? NameAddress(uri: uri), callID: randomToken() + "@" + host, sequence: 1,
            headers: headers)
        let authenticator = (credentials ?? configuration.credentials).map(DigestAuthenticator.init(credentials:))
        var outcome = Result<Exchange, RequestFailure>.failure(.unresolvable)
        for flow in (try? await targets(for: destination)) ?? [] {
            outcome = await exchange(draft, on: flow, authenticator: authenticator)
            guard Self.isWorthNextTarget(outcome) else { break }
        }
        return try outcome.get().response
    }

    /// RFC 3263 4.3: no answer and 503 mean "ask the next"; every other answer is the answer.
    static func isWorthNextTarget(_ outcome: Result<Exchange, RequestFailure>) -> Bool {
        switch outcome {
        case .success(let exchange): exchange.response.status == 503
        case .failure(let failure): failure != .shutDown
        }
    }

    /// Sends a request outside of calls and waits for its final answer.
    func exchange(
        _ draft: RequestDraft, on flow: SIPFlow, authenticator: DigestAuthenticator?
    ) async -> Result<Exchange, RequestFailure> {
        guard !isShutDown else { return .failure(.shutDown) }
        var request = SIPRequest(method: draft.method, uri: draft.uri, body: draft.body)
        request.headers.add("Via", makeVia(on: flow.kind).text)
        request.headers.add("Max-Forwards", "70")
        request.headers.add("From", draft.from.text)
        request.headers.add("To", draft.to.text)
        request.headers.add("Call-ID", draft.callID)
        request.headers.add("CSeq", CSeq(number: draft.sequence, method: draft.method).text)
        for field in draft.headers { request.headers.add(field.name, field.value) }
        if let name = configuration.productName { request.headers.add("User-Agent", name) }
        return await withCheckedContinuation { continuation in
            openAlone(request, to: flow, authenticator: authenticator, waiter: continuation)
        }
    }

    /// Opens the transaction of a request that belongs to no call, or to one that is over, and answers its challenges.
    func openAlone(
        _ request: SIPRequest, to flow: SIPFlow, authenticator: DigestAuthenticator?,
        waiter: CheckedContinuation<Result<Exchange, RequestFailure>, Never>? = nil
    ) {
        var own = OwnRequest(request: request, destination: flow, authenticator: authenticator, waiter: waiter)
        own.authenticator?.begin(&own.request)
        send(own)
    }

    private func send(_ own: OwnRequest) {
        guard let id = TransactionID(ofOwn: own.request) else {
            own.waiter?.resume(returning: .failure(.noAnswer))
            return
        }
        requests[id] = own
        open(own.request, to: own.destination, call: nil)
    }

    /// A response to a request of ours outside of calls; false when it belongs to none.
    func deliverAlone(_ response: SIPResponse, of id: TransactionID) -> Bool {
        guard var own = requests[id] else { return false }
        guard !response.isProvisional else { return true }
        requests.removeValue(forKey: id)
        let nonce = makeClientNonce()
        if own.authenticator?.answer(response, in: &own.request, clientNonce: nonce) == true {
            own.request.renumber()
            own.request.headers.replaceFirstEntry(of: "Via", with: makeVia(on: own.destination.kind).text)
            send(own)
        } else {
            let exchange = Exchange(
                response: response, sequence: own.request.headers.cseq?.number ?? 0, authenticator: own.authenticator)
            own.waiter?.resume(returning: .success(exchange))
        }
        return true
    }

    /// A request of ours outside of calls had no answer; false when the transaction belongs to none.
    func deliverTimeoutAlone(of id: TransactionID) -> Bool {
        guard let own = requests.removeValue(forKey: id) else { return false }
        own.waiter?.resume(returning: .failure(.noAnswer))
        return true
    }

    /// Tells whoever waits for an answer that none will come.
    func abandonRequests() {
        let abandoned = requests.values
        requests.removeAll()
        for own in abandoned { own.waiter?.resume(returning: .failure(.shutDown)) }
    }
}
