import FaxModel
import SIP
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

    private var session: LegSession?
    private var sipCall: Call?
    private var isSIPOver = false
    private var hasFarEndHungUp = false
    private var isAnswered = false
    private var isStopping = false
    /// The far end's machine was heard over audio: it is one, so T.38 is worth an offer.
    private var isFaxHeard = false
    /// The far end had its time to offer T.38.
    private var isOfferDue = false
    /// Both machines have agreed on how to talk.
    private var isNegotiated = false
    /// Pages confirmed in this call.
    private var confirmed = 0
    /// What limits the call's phase: worker, answer, the worker's last word.
    private var limit: Task<Void, any Error>?
    /// What comes next about T.38.
    private var offerTimer: Task<Void, any Error>?

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
        limit = events.schedule(.workerReady, after: .seconds(10))
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
        limit?.cancel()
        offerTimer?.cancel()
        if !isSIPOver { await sipCall?.hangUp() }
        return Self.judged(result ?? AttemptResult(.unknown, evidence: "the call was abandoned"), isWhole: isWhole)
    }

    /// Whether the far end confirmed every page.
    private var isWhole: Bool { confirmed >= call.pages - call.firstPage }

    /// Whatever else went wrong: a fax of which every page was confirmed is not sent again by itself.
    static func judged(_ result: AttemptResult, isWhole: Bool) -> AttemptResult {
        switch result.outcome {
        case .failed where isWhole, .interrupted where isWhole:
            AttemptResult(
                .unknown, evidence: result.evidence + "; every page had been confirmed", trace: result.trace, retryAfter: result.retryAfter)
        default: result
        }
    }

    private mutating func handle(_ event: LegEvents.Event) async throws -> AttemptResult? {
        switch event {
        case .offerAnswered(let answer): return await handle(answer)
        case .worker(.event(let event)): return try await handle(event)
        case .worker(.page): return nil
        case .workerGone: return workerDied()
        case .sip(let event): return try await handle(event)
        case .timeout(let deadline): return await handle(deadline)
        case .stop: return await stop()
        }
    }

    // MARK: The worker

    private mutating func handle(_ event: WorkerProtocol.CallEvent) async throws -> AttemptResult? {
        switch event {
        case .ready(let port): return await dial(mediaPort: port)
        case .heard(let signal):
            guard signal == .v21 else { return nil }
            isFaxHeard = true
            await offerT38IfDue()
        case .negotiated(let facts):
            isNegotiated = true
            try await report(.negotiated(facts))
        case .page(let page):
            session?.hasConfirmedPage = true
            try await report(.pageConfirmed(page))
            confirmed += 1
        case .documentBegan: break
        case .ended(let end): return result(of: end)
        }
        return nil
    }

    private func result(of end: WorkerProtocol.CallEnd) -> AttemptResult {
        let expected = call.pages - call.firstPage
        let medium =
            switch end.medium {
            case .t38: " over T.38"
            case .audio: " over G.711"
            case nil: ""
            }
        // Who hangs up on our tones without a word of a machine is a person.
        let wasPerson = hasFarEndHungUp && !isMachine(end)
        let cause = end.code != 0 && hasFarEndHungUp ? q850 : ""
        let silence = wasPerson ? " The far end hung up, and no fax machine was heard." : ""
        let evidence = "T.30 \(end.code)\(medium)\(cause): \(end.meaning)\(silence) \(confirmed) of \(expected) pages confirmed."
        let outcome: AttemptOutcome =
            if confirmed == expected {
                // All pages went over; where the call did not end as it should, a second call could make a second copy.
                end.code == 0 ? .delivered : .unknown
            } else if isStopping {
                .interrupted
            } else {
                .failed(wasPerson ? .notFax : FailureCause(t30Code: end.code))
            }
        return AttemptResult(outcome, evidence: evidence, trace: end.trace)
    }

    /// Whether any sign of a fax machine came from the far end.
    private func isMachine(_ end: WorkerProtocol.CallEnd) -> Bool {
        isFaxHeard || isNegotiated || end.trace.contains(where: \.isIncoming)
    }

    /// What a refusal of the call means.
    private func refused(with status: Int) -> AttemptResult {
        let facts = sipCall?.facts
        var evidence = "SIP \(status)\(q850)"
        if let seconds = facts?.retryAfter { evidence += ", Retry-After \(seconds) s" }
        return AttemptResult(
            .failed(FailureCause(sipStatus: status)), evidence: evidence, retryAfter: facts?.retryAfter.map { .seconds($0) })
    }

    /// The cause of ITU-T Q.850 that the far end gave, for evidence; mostly empty.
    private var q850: String { sipCall?.facts.q850Cause.map { ", Q.850 cause \($0)" } ?? "" }

    private func workerDied() -> AttemptResult {
        guard sipCall != nil else {
            return AttemptResult(.notDialled, evidence: "the line's worker process died before the call was placed")
        }
        let evidence = "the line's worker process died after \(confirmed) pages"
        guard session?.medium != nil else { return AttemptResult(isStopping ? .interrupted : .failed(.line), evidence: evidence) }
        // The confirmation of the page that was on the line may have died with it.
        return AttemptResult(call.endsDocument(page: call.firstPage + confirmed) ? .unknown : .failed(.line), evidence: evidence)
    }

    // MARK: Signalling

    private mutating func dial(mediaPort: UInt16) async -> AttemptResult? {
        limit?.cancel()
        guard !isStopping else { return AttemptResult(.notDialled, evidence: "the server stopped before dialling") }
        var generator = SystemRandomNumberGenerator()
        let media = LegMedia(address: configuration.address, port: mediaPort, policy: configuration.media, random: &generator)
        var session = LegSession(media: media, policy: configuration.media, conversation: conversation)
        do {
            let placed = try await agent.invite(
                target: configuration.target(of: call.number), destination: configuration.destination, from: configuration.caller,
                callID: call.reference, body: session.firstOffer())
            sipCall = placed
            _ = events.forward(placed)
        } catch {
            return AttemptResult(.notDialled, evidence: "the SIP agent did not place the call: \(error)")
        }
        self.session = session
        limit = events.schedule(.answer, after: configuration.ringTime)
        return nil
    }

    private mutating func handle(_ event: SIP.CallEvent) async throws -> AttemptResult? {
        switch event {
        case .provisional(let status):
            if status == 180 || status == 183 { try await report(.ringing) }
        case .answered(let body):
            isAnswered = true
            limit?.cancel()
            offerTimer = events.schedule(.t38Offer, after: configuration.t38OfferTime)
            try await report(.answered)
            guard await session?.take(firstAnswer: body) == true else {
                return AttemptResult(.failed(.media), evidence: "the far end's answer has no audio that could be used")
            }
        case .rejected(let status, _):
            isSIPOver = true
            if isStopping { return AttemptResult(.interrupted, evidence: "the server stopped while dialling") }
            return refused(with: status)
        case .reinvite(let body, let responder):
            await session?.answer(body, responder)
            if session?.isT38 == true { offerTimer?.cancel() }
        case .acknowledged(let body):
            if !body.isEmpty { await session?.take(acknowledgement: body) }
        case .ended(let end):
            isSIPOver = true
            hasFarEndHungUp = end == .remoteHangUp
            offerTimer?.cancel()
            guard session?.medium != nil else {
                let cause: FailureCause = isAnswered ? .media : .noAnswer
                return AttemptResult(
                    isStopping ? .interrupted : .failed(cause), evidence: "the call ended (\(end)\(q850)) before T.38 was agreed")
            }
            // The last confirmation may still be in the worker's socket: its word is what counts.
            await hangUpWorker()
        }
        return nil
    }

    // MARK: Time

    private mutating func handle(_ deadline: LegEvents.Deadline) async -> AttemptResult? {
        switch deadline {
        case .answer where !isAnswered:
            return AttemptResult(isStopping ? .interrupted : .failed(.noAnswer), evidence: "no answer within \(configuration.ringTime)")
        case .glare:
            guard let sipCall, let offer = session?.offerAfterGlare() else { return nil }
            offerTimer = events.schedule(.offerAnswer, after: .seconds(40))
            events.offer(offer, on: sipCall)
            return nil
        case .t38Offer:
            isOfferDue = true
            await offerT38IfDue()
            return nil
        case .workerReady where sipCall != nil:
            return nil
        case .workerReady, .workerEnd:
            return workerDied()
        case .offerAnswer where session?.medium == nil:
            return AttemptResult(.failed(.media), evidence: "the T.38 offer was not answered")
        case .answer, .offerAnswer, .mediaAgreed:
            return nil
        }
    }

    /// The far end did not offer T.38 in its time, so this side does; over audio only where a machine was heard and both have not begun
    /// to talk already. The answer comes as an event: the leg must stay able to hear everything else.
    private mutating func offerT38IfDue() async {
        guard isOfferDue, let sipCall, var session, session.mayOfferT38 else { return }
        guard !session.policy.carriesAudio || (isFaxHeard && !isNegotiated) else { return }
        offerTimer?.cancel()
        offerTimer = events.schedule(.offerAnswer, after: .seconds(40))
        events.offer(session.t38Offer(), on: sipCall)
        self.session = session
    }

    private mutating func handle(_ answer: Swift.Result<[UInt8], ReinviteFailure>) async -> AttemptResult? {
        guard let sipCall, var session else { return nil }
        let outcome = await session.take(answer)
        defer { self.session = session }
        switch outcome {
        case .settled:
            offerTimer?.cancel()
        case .glare:
            // The far end's own offer is on its way.
            offerTimer?.cancel()
            offerTimer = events.schedule(.glare, after: await sipCall.glareDelay())
        case .isDeclined:
            events.offer(session.audioOffer(), on: sipCall)
        case .impossible(let reason):
            return AttemptResult(.failed(.media), evidence: reason)
        }
        return nil
    }

    /// Ends the call in good order: T.30 first, so that what is confirmed is known.
    private mutating func stop() async -> AttemptResult? {
        isStopping = true
        guard session?.medium != nil else {
            guard sipCall == nil else {
                await sipCall?.hangUp()
                return isAnswered ? AttemptResult(.interrupted, evidence: "the server stopped before T.38 was agreed") : nil
            }
            return AttemptResult(.notDialled, evidence: "the server stopped before dialling")
        }
        await hangUpWorker()
        return nil
    }

    private mutating func hangUpWorker() async {
        // A worker that is gone cannot be told anything; its end comes as an event.
        try? await conversation.send(.hangUp)
        limit?.cancel()
        limit = events.schedule(.workerEnd, after: .seconds(10))
    }
}
