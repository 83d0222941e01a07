/// A transaction and where its messages go.
struct TransactionRecord {
    enum Machine {
        case clientInvite(ClientInviteTransaction)
        case client(ClientTransaction)
        case serverInvite(ServerInviteTransaction)
        case server(ServerTransaction)
    }

    var machine: Machine
    /// Bound to a connection on a stream.
    var destination: SIPFlow
    /// The call that hears of it; nil for requests outside of calls.
    let call: CallKey?
}

extension UserAgent {
    /// Sends a request of ours with a new Via in a transaction of its own; nil when it cannot be opened.
    @discardableResult
    func open(_ request: SIPRequest, to destination: SIPFlow, call: CallKey?) -> TransactionID? {
        guard let id = TransactionID(ofOwn: request) else { return nil }
        let timing = configuration.timing
        let isReliable = destination.kind.isReliable
        let actions: [TransactionAction]
        let machine: TransactionRecord.Machine
        if request.method == .invite {
            let invite = ClientInviteTransaction(request: request, timing: timing, isReliable: isReliable)
            actions = invite.start()
            machine = .clientInvite(invite)
        } else {
            let other = ClientTransaction(request: request, timing: timing, isReliable: isReliable)
            actions = other.start()
            machine = .client(other)
        }
        transactions[id] = TransactionRecord(machine: machine, destination: destination, call: call)
        perform(actions, of: id)
        return id
    }

    /// Transactions beyond the limit that only requests of calls in progress may take: a flood of others must not keep a
    /// BYE out.
    private static let reserve = 2_000

    /// Makes the transaction of a new request of the peer; false when there are too many.
    func accept(_ request: SIPRequest, as id: TransactionID, replyTo: SIPFlow, call: CallKey?) -> Bool {
        let limit = configuration.maximumTransactions
        guard transactions.count < limit || (transactions.count < limit + Self.reserve && isOfCall(request)) else { return false }
        let timing = configuration.timing
        let machine: TransactionRecord.Machine =
            request.method == .invite
            ? .serverInvite(ServerInviteTransaction(timing: timing, isReliable: replyTo.kind.isReliable))
            : .server(ServerTransaction(timing: timing, isReliable: replyTo.kind.isReliable))
        transactions[id] = TransactionRecord(machine: machine, destination: replyTo, call: call)
        return true
    }

    /// Whether a request of the peer belongs to a call in progress: by its dialog, or a CANCEL by its INVITE.
    func isOfCall(_ request: SIPRequest) -> Bool {
        if let dialog = DialogID(of: request), dialogs[dialog] != nil { return true }
        guard request.method == .cancel, let invite = TransactionID(of: request, method: .invite),
            let key = transactions[invite]?.call
        else { return false }
        return calls[key] != nil
    }

    /// Answers a request of the peer.
    func respond(_ response: SIPResponse, in id: TransactionID) {
        guard var record = transactions[id] else { return }
        var response = response
        if response.status > 100, let name = configuration.productName { response.headers.set("Server", name) }
        let actions: [TransactionAction]
        switch record.machine {
        case .serverInvite(var machine):
            actions = machine.respond(response)
            record.machine = .serverInvite(machine)
        case .server(var machine):
            actions = machine.respond(response)
            record.machine = .server(machine)
        case .clientInvite, .client:
            return
        }
        transactions[id] = record
        perform(actions, of: id)
    }

    /// A request that belongs to a transaction of the peer came again, or its ACK came.
    func receiveAgain(_ request: SIPRequest, in id: TransactionID) {
        guard var record = transactions[id] else { return }
        switch record.machine {
        case .serverInvite(var machine):
            let actions = request.method == .ack ? machine.receiveACK() : machine.receiveRetransmission()
            record.machine = .serverInvite(machine)
            transactions[id] = record
            perform(actions, of: id)
        case .server(let machine):
            perform(machine.receiveRetransmission(), of: id)
        case .clientInvite, .client:
            break
        }
    }

    /// A response to a request of ours came; false when it belongs to none.
    func receive(_ response: SIPResponse, in id: TransactionID) -> Bool {
        guard var record = transactions[id] else { return false }
        let actions: [TransactionAction]
        switch record.machine {
        case .clientInvite(var machine):
            actions = machine.receive(response)
            record.machine = .clientInvite(machine)
        case .client(var machine):
            actions = machine.receive(response)
            record.machine = .client(machine)
        case .serverInvite, .server:
            return false
        }
        transactions[id] = record
        perform(actions, of: id)
        return true
    }

    /// A transaction's timer ran out.
    func fire(_ timer: SIPTimer, of id: TransactionID) {
        guard var record = transactions[id] else { return }
        let actions: [TransactionAction]
        switch record.machine {
        case .clientInvite(var machine):
            actions = machine.fire(timer)
            record.machine = .clientInvite(machine)
        case .client(var machine):
            actions = machine.fire(timer)
            record.machine = .client(machine)
        case .serverInvite(var machine):
            actions = machine.fire(timer)
            record.machine = .serverInvite(machine)
        case .server(var machine):
            actions = machine.fire(timer)
            record.machine = .server(machine)
        }
        transactions[id] = record
        perform(actions, of: id)
    }

    /// Sends a message outside of the rules of a transaction.
    /// - Returns: the flow with the connection that it left by.
    @discardableResult
    func send(_ message: SIPMessage, to flow: SIPFlow) -> SIPFlow {
        guard let transport = transports[flow.kind] else { return flow }
        let flow = transport.connect(flow)
        transport.send(message.bytes, to: flow)
        return flow
    }

    private func perform(_ actions: [TransactionAction], of id: TransactionID) {
        guard let record = transactions[id] else { return }
        for action in actions {
            switch action {
            case .send(let message):
                let flow = send(message, to: record.destination)
                transactions[id]?.destination = flow
                bindPeer(record.call, to: flow, by: id)
            case .set(let timer, let delay): set(.transaction(id, timer), after: delay)
            case .cancel(let timer): cancel(.transaction(id, timer))
            case .deliver(.response(let response)): deliver(response, of: id, call: record.call)
            case .deliver(.request): break
            case .timedOut: deliverTimeout(of: id, call: record.call)
            case .terminated: forget(id)
            }
        }
        finishDrainIfIdle()
    }

    /// Forgets a transaction with its timers.
    func forget(_ id: TransactionID) {
        transactions.removeValue(forKey: id)
        for timer: SIPTimer in [.a, .b, .d, .e, .f, .g, .h, .i, .j, .k, .l, .m] { cancel(.transaction(id, timer)) }
    }
}
