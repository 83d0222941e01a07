import FaxModel
import Logging
import SIP
import WorkerProtocol
import Workers

/// The answering side of one fax call: answer as audio, change to T.38 where it is to be had, receive, hang up when T.30 is done.
struct IncomingLeg {
    let incoming: IncomingCall
    let inbound: InboundCall
    /// Where the worker's socket is reached.
    let address: String
    let policy: MediaPolicy
    let conversation: CallWorker.Conversation
    let inbox: any Inbox
    let logger: Logger
    /// The page of this call, from 0, on which the sandbox hangs up: it came, and is not confirmed.
    var droppedPage: Int?

    private let events: LegEvents
    private var session: LegSession?
    private var reception: (any Reception)?
    /// A page whose report has not come yet.
    private var pageToStore: FaxPage?
    /// What both machines agreed on last.
    private var facts: Negotiation?
    private var lastPage: PageReport?
    /// Documents that the call brought before this one, and their pages.
    private var earlierDocuments = 0
    private var earlierPages = 0
    private var isSIPOver = false
    /// T.30's last word.
    private var end: WorkerProtocol.CallEnd?
    /// What limits the call's phase: worker, agreement on media, the worker's last word.
    private var limit: Task<Void, any Error>?
    /// What comes next about T.38.
    private var offerTimer: Task<Void, any Error>?

    init(
        incoming: IncomingCall, inbound: InboundCall, address: String, policy: MediaPolicy, conversation: CallWorker.Conversation,
        inbox: any Inbox, events: LegEvents, logger: Logger
    ) {
        self.incoming = incoming
        self.inbound = inbound
        self.address = address
        self.policy = policy
        self.conversation = conversation
        self.inbox = inbox
        self.events = events
        self.logger = logger
    }

    /// Stays until the call is over and what came is stored.
    /// - Throws: what keeps received pages from being stored.
    mutating func run() async throws {
        let forwarders = [events.forward(conversation), events.forward(incoming.call)]
        defer { for task in forwarders { task.cancel() } }
        limit = events.schedule(.workerReady, after: .seconds(10))
        defer {
            limit?.cancel()
            offerTimer?.cancel()
        }
        do {
            for await event in events.stream {
                if try await handle(event) { break }
            }
        } catch {
            if !isSIPOver { await incoming.call.hangUp() }
            try? await reception?.breakOff()
            throw error
        }
        // The line is free at once; however the call ended, pages that came are kept, however long that takes.
        if !isSIPOver { await incoming.call.hangUp() }
        if let end { try await reception?.finish(end) } else { try await reception?.breakOff() }
    }

    /// - Returns: whether the call is over.
    private mutating func handle(_ event: LegEvents.Event) async throws -> Bool {
        switch event {
        case .worker(.event(.ready(let port))):
            return try await answer(mediaPort: port)
        case .worker(.page(let page)):
            pageToStore = page
        case .worker(.event(.page(var report))):
            guard let page = pageToStore.take(), report.page != droppedPage else { return true }
            session?.hasConfirmedPage = true
            lastPage = report
            report.page -= earlierPages
            try await reception?.append(page, report)
            // Only now the sender's machine hears that its page arrived.
            try? await conversation.send(.pageStored)
        case .worker(.event(.documentBegan)):
            try await beginDocument()
        case .worker(.event(.ended(let end))):
            log(end)
            self.end = end
            return true
        case .worker(.event(.heard(let signal))):
            if signal == .cng { offerT38() }
        case .worker(.event(.negotiated(let facts))):
            self.facts = facts
            await reception?.identified(facts)
        case .workerGone:
            return true
        case .sip(let event):
            return try await handle(event)
        case .offerAnswered(let answer):
            return await handle(answer)
        case .timeout(.t38Offer):
            offerT38()
        case .timeout(.glare):
            if let offer = session?.offerAfterGlare() {
                offerTimer = events.schedule(.offerAnswer, after: .seconds(40))
                events.offer(offer, on: incoming.call)
            }
        case .timeout(.workerReady), .timeout(.workerEnd):
            return true
        case .timeout:
            return session?.medium == nil
        case .stop:
            await hangUpWorker()
            return session?.medium == nil
        }
        return false
    }

    /// Several documents of a call are as many faxes: the one that was coming in is whole.
    private mutating func beginDocument() async throws {
        guard let lastPage else { return }
        try await reception?.finish(
            CallEnd(
                code: 0, meaning: "another document followed in the call", pages: lastPage.page + 1 - earlierPages,
                remoteIdentifier: facts?.remoteIdentifier ?? "", bitRate: lastPage.bitRate, errorCorrection: lastPage.errorCorrection,
                medium: session?.medium))
        earlierDocuments += 1
        earlierPages = lastPage.page + 1
        let reference = CallReference(inbound.reference, document: earlierDocuments).text
        let next = try await inbox.begin(
            InboundCall(reference: reference, to: inbound.to, from: inbound.from, trunk: inbound.trunk))
        if let facts { await next.identified(facts) }
        reception = next
    }

    private mutating func answer(mediaPort: UInt16) async throws -> Bool {
        limit?.cancel()
        var generator = SystemRandomNumberGenerator()
        let media = LegMedia(address: address, port: mediaPort, policy: policy, random: &generator)
        var session = LegSession(media: media, policy: policy, conversation: conversation)
        guard let answer = session.answer(to: incoming.body) else {
            await incoming.reject(status: 488)
            return true
        }
        reception = try await inbox.begin(inbound)
        limit = events.schedule(.mediaAgreed, after: .seconds(60))
        _ = try await incoming.answer(body: answer.body)
        await session.start(answer)
        self.session = session
        return false
    }

    private mutating func handle(_ event: SIP.CallEvent) async throws -> Bool {
        switch event {
        case .acknowledged(let body):
            // The answer to an offer of ours, where the INVITE had none.
            if !body.isEmpty {
                guard session?.medium == nil else {
                    await session?.take(acknowledgement: body)
                    return false
                }
                if await session?.take(firstAnswer: body) == false { return true }
            }
            if policy.carriesAudio {
                // The called tone has its time first: it disables echo cancellers on the way, and some gateways offer T.38 by it.
                if policy.offersAsCallee, offerTimer == nil, session?.mayOfferT38 == true {
                    offerTimer = events.schedule(.t38Offer, after: .seconds(3))
                }
            } else {
                offerT38()
            }
        case .reinvite(let body, let responder):
            await session?.answer(body, responder)
            if session?.isT38 == true { offerTimer?.cancel() }
        case .ended, .rejected:
            isSIPOver = true
            // T.30 has the last word on what was received.
            await hangUpWorker()
            return session?.medium == nil
        case .provisional, .answered:
            break
        }
        return false
    }

    private mutating func offerT38() {
        guard policy.offersAsCallee, var session, session.mayOfferT38 else { return }
        offerTimer?.cancel()
        offerTimer = events.schedule(.offerAnswer, after: .seconds(40))
        events.offer(session.t38Offer(), on: incoming.call)
        self.session = session
    }

    private mutating func handle(_ answer: Swift.Result<[UInt8], ReinviteFailure>) async -> Bool {
        guard var session else { return true }
        let outcome = await session.take(answer)
        defer { self.session = session }
        switch outcome {
        case .settled:
            offerTimer?.cancel()
            return session.medium == nil
        case .glare:
            offerTimer?.cancel()
            offerTimer = events.schedule(.glare, after: await incoming.call.glareDelay())
            return false
        case .isDeclined:
            events.offer(session.audioOffer(), on: incoming.call)
            return false
        case .impossible:
            return true
        }
    }

    /// A call that brought nothing leaves no fax, so this is all that is known of it.
    private func log(_ end: WorkerProtocol.CallEnd) {
        logger.log(
            level: end.code == 0 ? .info : .notice, "incoming call ended",
            metadata: [
                "call": "\(inbound.reference)", "code": "\(end.code)", "meaning": "\(end.meaning)", "pages": "\(end.pages)",
                "medium": "\(end.medium?.rawValue ?? "none")", "bit_rate": "\(end.bitRate)",
                "lateness_p99_us": "\(end.lateness?.p99 ?? 0)", "frames": "\(end.code == 0 ? "" : end.trace.text)",
            ])
    }

    private mutating func hangUpWorker() async {
        try? await conversation.send(.hangUp)
        limit?.cancel()
        limit = events.schedule(.workerEnd, after: .seconds(10))
    }
}
