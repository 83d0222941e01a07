/// The REGISTER requests of a registration.
extension Registration {
    /// The longest `Min-Expires` that is followed, seconds.
    private static let longestMinimum = 86_400

    /// Asks the targets in turn, beginning with the one that answered last, until one of them decides.
    func register() async -> Outcome {
        guard await !agent.isShutDown else { return .agentIsShutDown }
        var outcome = Outcome.failed(status: nil, retryAfter: nil)
        var targets: [SIPFlow] = []
        for destination in configuration.destinations { targets += (try? await agent.targets(for: destination)) ?? [] }
        if let place = targets.firstIndex(where: { $0 == target }) { targets = Array(targets[place...] + targets[..<place]) }
        for flow in targets where !isStopping {
            if flow != target {
                // Nonces are the old target's, and so is what it offered.
                authenticator = nil
                target = flow
            }
            let answer = await register(at: flow)
            switch answer {
            case .success(let exchange) where exchange.response.isSuccess:
                return .registered(granted(by: exchange.response))
            case .success(let exchange):
                let response = exchange.response
                outcome = .failed(status: response.status, retryAfter: response.headers.retryAfter)
                guard UserAgent.isWorthNextTarget(answer) else { return outcome }
            case .failure(.shutDown):
                return .agentIsShutDown
            case .failure:
                break
            }
        }
        return outcome
    }

    /// One REGISTER, or two: the second with a life that is long enough for the registrar, or with the Contact by which it
    /// can reach us.
    private func register(at flow: SIPFlow) async -> Result<Exchange, RequestFailure> {
        let contact = await contact(on: flow.kind)
        let first = await send(bindings(for: contact), at: flow)
        guard case .success(let exchange) = first else { return first }
        let response = exchange.response
        if response.isSuccess { bound = contact }
        if response.status == 423, let least = response.headers.seconds("Min-Expires"), least > lifetime,
            least <= Self.longestMinimum
        {
            lifetime = least
            let second = await send(bindings(for: contact), at: flow)
            if case .success(let exchange) = second, exchange.response.isSuccess { bound = contact }
            return second
        }
        guard response.isSuccess, observe(response, on: flow.kind) else { return first }
        let seen = await self.contact(on: flow.kind)
        guard seen != contact else { return first }
        let second = await send(bindings(for: seen), at: flow)
        guard case .success(let exchange) = second, exchange.response.isSuccess else { return second }
        bound = seen
        return second
    }

    /// Removes our binding, and only that.
    func unregister() async {
        guard let bound, let target else { return }
        let fields = [SIPHeaders.Field("Contact", Self.binding(bound, seconds: 0)), SIPHeaders.Field("Expires", "0")]
        _ = await send(fields, at: target)
        self.bound = nil
    }

    private func send(_ fields: [SIPHeaders.Field], at flow: SIPFlow) async -> Result<Exchange, RequestFailure> {
        sequence += 1
        let draft = RequestDraft(
            method: .register, uri: configuration.registrar, from: from, to: configuration.addressOfRecord, callID: callID,
            sequence: sequence, headers: fields)
        let credentials = configuration.credentials ?? agent.configuration.credentials
        let authenticator = authenticator ?? credentials.map(DigestAuthenticator.init(credentials:))
        let outcome = await agent.exchange(draft, on: flow, authenticator: authenticator)
        switch outcome {
        case .success(let exchange):
            self.authenticator = exchange.authenticator
            sequence = exchange.sequence
        case .failure:
            // A challenge may have been answered before the silence.
            sequence += 4
        }
        return outcome
    }

    // MARK: Contact

    private func contact(on kind: SIPTransportKind) async -> SIPURI {
        let user = configuration.contactUser ?? configuration.addressOfRecord.uri.decodedUser
        let (host, port) = await agent.advertised(kind)
        var uri = SIPURI(user: user, host: observed[kind]?.host ?? host, port: observed[kind]?.port ?? port)
        if kind != .udp { uri.parameters["transport"] = kind.rawValue }
        return uri
    }

    /// The Contact to bind, and the one to remove when it has changed.
    private func bindings(for contact: SIPURI) -> [SIPHeaders.Field] {
        var fields: [SIPHeaders.Field] = []
        if let bound, bound != contact { fields.append(SIPHeaders.Field("Contact", Self.binding(bound, seconds: 0))) }
        fields.append(SIPHeaders.Field("Contact", Self.binding(contact, seconds: lifetime)))
        return fields + [SIPHeaders.Field("Expires", String(lifetime))]
    }

    private static func binding(_ uri: SIPURI, seconds: Int) -> String {
        var address = NameAddress(uri: uri)
        address.parameters["expires"] = String(seconds)
        return address.text
    }

    /// Notes the address that a registrar saw us at; false when it is not to be used or says nothing new.
    private func observe(_ response: SIPResponse, on kind: SIPTransportKind) -> Bool {
        guard configuration.usesObservedAddress, let via = response.headers.topVia, let address = via.observed else {
            return false
        }
        let seen = SIPURI(user: nil, host: address.host, port: address.port ?? via.port)
        guard !seen.host.isEmpty, observed[kind] != seen else { return false }
        observed[kind] = seen
        return true
    }

    // MARK: Answers

    /// How long the registrar keeps our Contact: its parameter, the Expires field, or what was asked for; never more.
    private func granted(by response: SIPResponse) -> Duration {
        let own = response.headers.list("Contact").lazy.compactMap { try? NameAddress(parsing: $0) }.first { entry in
            guard let bound else { return false }
            return entry.uri.user == bound.user && entry.uri.host.equalsIgnoringCase(bound.host)
                && (entry.uri.port ?? 5060) == (bound.port ?? 5060)
        }
        var seconds: Int?
        if let text = own?.parameters["expires"] {
            var scanner = ByteScanner(text)
            seconds = scanner.number()
        }
        return .seconds(min(lifetime, seconds ?? response.headers.seconds("Expires") ?? lifetime))
    }
}

extension SIPHeaders {
    /// The number that a header field such as Expires begins with (`delta-seconds`); nil when there is none.
    func seconds(_ name: String) -> Int? {
        var scanner = ByteScanner(self[name] ?? "")
        return scanner.number()
    }
}
