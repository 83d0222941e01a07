import FaxModel
import SIP
import Telefax
import WorkerProtocol
import Workers

/// The calling side of one fax call, from the worker's start to the result.
struct OutgoingLeg {
    let call: OutboundCall
    let agent: UserAgent
    let configuration: OwnLine.Configuration
    let conversation: CallWorker.Conversation
    let events: LegEvents
    let report: @Sendable (CallProgress) async throws -> Void

    private var media: LegMedia?
    private var sipCall: Call?
    private var isSIPOver = false
    private var isAnswered = false
    private var isT38 = false
    private var isStopping = false
    /// Pages confirmed in this call.
    private var confirmed = 0
    private var timer: Task<Void, any Error>?

    init(
        call: OutboundCall, agent: UserAgent, configuration: OwnLine.Configuration,
        conversation: CallWorker.Conversation, events: LegEvents,
        report: @escaping @Sendable (CallProgress) async throws -> Void
    ) {
        self.call = call
        self.agent = agent
        self.configuration = configuration
        self.conversation = conversation
        self.events = events
        self.report = report
    }

    /// Makes the call and stays until it is over.
    mutating func run() async -> AttemptResult {
        let forwarder = events.forward(conversation)
        defer { forwarder.cancel() }
        timer = events.schedule(.workerReady, after: .seconds(10))
        var result: AttemptResult?
        for await event in events.stream {
            do {
                result = try await handle(event)
            } catch {
                // The database did not take a report: go no further with a call that cannot be recorded.
                result = AttemptResult(.unknown, evidence: "the call's progress could not be recorded")
            }
            if result != nil { break }
        }
        timer?.cancel()
        if !isSIPOver { await sipCall?.hangUp() }
        return result ?? AttemptResult(.unknown, evidence: "the call was abandoned")
    }

    private mutating func handle(_ event: LegEvents.Event) async throws -> AttemptResult? {
        switch event {
        case .offerAnswered(let answer): return try await handle(answer)
        case .worker(.event(let event)): return try await handle(event)
        case .worker(.page): return nil
        case .workerGone: return workerDied()
        case .sip(let event): return try await handle(event)
        case .timeout(let deadline): return try await handle(deadline)
        case .stop: return try await stop()
        }
    }

    // MARK: The worker

    private mutating func handle(_ event: WorkerProtocol.CallEvent) async throws -> AttemptResult? {
        switch event {
        case .ready(let port): return await dial(mediaPort: port)
        case .negotiated(let facts): try await report(.negotiated(facts))
        case .page(let page):
            try await report(.pageConfirmed(page))
            confirmed += 1
        case .ended(let end): return result(of: end)
        }
        return nil
    }

    private func result(of end: WorkerProtocol.CallEnd) -> AttemptResult {
        let expected = call.pages - call.firstPage
        let evidence = "T.30 \(end.code): \(end.meaning) \(confirmed) of \(expected) pages confirmed."
        if end.code == 0, confirmed == expected { return AttemptResult(.delivered, evidence: evidence) }
        // All pages went over, but the call did not end as it should: a second call could make a second copy.
        if confirmed == expected { return AttemptResult(.unknown, evidence: evidence) }
        return AttemptResult(isStopping ? .interrupted : .failed(FailureCause(t30Code: end.code)), evidence: evidence)
    }

    private func workerDied() -> AttemptResult {
        guard sipCall != nil else {
            return AttemptResult(.notDialled, evidence: "the line's worker process died before the call was placed")
        }
        let evidence = "the line's worker process died after \(confirmed) pages"
        return AttemptResult(confirmed == call.pages - call.firstPage ? .unknown : .failed(.line), evidence: evidence)
    }

    // MARK: Signalling

    private mutating func dial(mediaPort: UInt16) async -> AttemptResult? {
        timer?.cancel()
        guard !isStopping else { return AttemptResult(.notDialled, evidence: "the server stopped before dialling") }
        var generator = SystemRandomNumberGenerator()
        var media = LegMedia(
            address: configuration.address, port: mediaPort, sessionID: UInt64.random(in: 1...(1 << 53), using: &generator))
        let host = configuration.destination.host
        let target = SIPURI(user: call.number.dialString, host: host, port: configuration.destination.port)
        let caller = configuration.stationIdentifier.filter { $0 != " " }
        let from = NameAddress(uri: SIPURI(user: caller.isEmpty ? "anonymous" : caller, host: configuration.address))
        do {
            let placed = try await agent.invite(
                target: target, destination: configuration.destination, from: from, callID: call.reference, body: media.audio())
            sipCall = placed
            _ = events.forward(placed)
        } catch {
            return AttemptResult(.notDialled, evidence: "the SIP agent did not place the call: \(error)")
        }
        self.media = media
        timer = events.schedule(.answer, after: configuration.ringTime)
        return nil
    }

    private mutating func handle(_ event: SIP.CallEvent) async throws -> AttemptResult? {
        switch event {
        case .provisional(let status):
            if status == 180 || status == 183 { try await report(.ringing) }
        case .answered:
            isAnswered = true
            timer?.cancel()
            timer = events.schedule(.t38Offer, after: configuration.t38OfferTime)
            try await report(.answered)
        case .rejected(let status, _):
            isSIPOver = true
            if isStopping { return AttemptResult(.interrupted, evidence: "the server stopped while dialling") }
            return AttemptResult(.failed(FailureCause(sipStatus: status)), evidence: "SIP \(status)")
        case .reinvite(let body, let responder):
            try await answer(body, responder)
        case .acknowledged:
            break
        case .ended(let end):
            isSIPOver = true
            timer?.cancel()
            guard isT38 else {
                let cause: FailureCause = isAnswered ? .media : .noAnswer
                return AttemptResult(
                    isStopping ? .interrupted : .failed(cause), evidence: "the call ended (\(end)) before T.38 was agreed")
            }
            // The last confirmation may still be in the worker's socket: its word is what counts.
            try await hangUpWorker()
        }
        return nil
    }

    private mutating func answer(_ offer: [UInt8], _ responder: ReinviteResponder) async throws {
        guard let answer = media?.answer(to: offer) else { return await responder.reject(status: 488) }
        await responder.answer(body: answer.body)
        if let session = answer.t38 { try await startT38(session) }
    }

    private mutating func startT38(_ session: T38Session) async throws {
        isT38 = true
        timer?.cancel()
        try await tell(.startT38(session))
    }

    // MARK: Time

    private mutating func handle(_ deadline: LegEvents.Deadline) async throws -> AttemptResult? {
        switch deadline {
        case .answer where !isAnswered:
            return AttemptResult(.failed(.noAnswer), evidence: "no answer within \(configuration.ringTime)")
        case .t38Offer where !isT38:
            await offerT38()
            return nil
        case .workerReady where sipCall != nil:
            return nil
        case .workerReady, .workerEnd:
            return workerDied()
        case .offerAnswer where !isT38:
            return AttemptResult(.failed(.media), evidence: "the T.38 offer was not answered")
        case .answer, .t38Offer, .offerAnswer:
            return nil
        }
    }

    /// The far end did not offer T.38, so this side does. The answer comes as an event: the leg must stay able to hear everything else.
    private mutating func offerT38() async {
        guard let sipCall, let offer = media?.t38Offer() else { return }
        timer = events.schedule(.offerAnswer, after: .seconds(40))
        events.offer(offer, on: sipCall)
    }

    private mutating func handle(_ answer: Swift.Result<[UInt8], ReinviteFailure>) async throws -> AttemptResult? {
        guard !isT38, let sipCall else { return nil }
        switch answer {
        case .success(let body):
            guard let session = media?.t38Session(answer: body) else {
                return AttemptResult(.failed(.media), evidence: "the far end refused the T.38 stream")
            }
            try await startT38(session)
        case .failure(let failure) where failure.isGlare:
            // The far end's own offer is on its way.
            timer = events.schedule(.t38Offer, after: await sipCall.glareDelay())
        case .failure(let failure):
            return AttemptResult(.failed(.media), evidence: "the T.38 offer was answered with SIP \(failure.status)")
        }
        return nil
    }

    /// Ends the call in good order: T.30 first, so that what is confirmed is known.
    private mutating func stop() async throws -> AttemptResult? {
        isStopping = true
        guard isT38 else {
            guard sipCall == nil else {
                await sipCall?.hangUp()
                return isAnswered ? AttemptResult(.interrupted, evidence: "the server stopped before T.38 was agreed") : nil
            }
            return AttemptResult(.notDialled, evidence: "the server stopped before dialling")
        }
        try await hangUpWorker()
        return nil
    }

    private mutating func hangUpWorker() async throws {
        try await tell(.hangUp)
        timer = events.schedule(.workerEnd, after: .seconds(10))
    }

    /// A worker that is gone cannot be told anything; its end comes as an event.
    private func tell(_ command: CallCommand) async throws {
        try? await conversation.send(command)
    }
}
