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

    private let events: LegEvents
    private var session: LegSession?
    private var reception: (any Reception)?
    /// A page whose report has not come yet.
    private var pageToStore: FaxPage?
    private var isSIPOver = false
    private var timer: Task<Void, any Error>?

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
        timer = events.schedule(.workerReady, after: .seconds(10))
        defer { timer?.cancel() }
        do {
            for await event in events.stream {
                if try await handle(event) { break }
            }
        } catch {
            try? await reception?.breakOff()
            throw error
        }
        // However the call ended, pages that came are kept.
        try await reception?.breakOff()
        if !isSIPOver { await incoming.call.hangUp() }
    }

    /// - Returns: whether the call is over.
    private mutating func handle(_ event: LegEvents.Event) async throws -> Bool {
        switch event {
        case .worker(.event(.ready(let port))):
            return try await answer(mediaPort: port)
        case .worker(.page(let page)):
            pageToStore = page
        case .worker(.event(.page(let report))):
            guard let page = pageToStore.take() else { return true }
            session?.hasConfirmedPage = true
            try await reception?.append(page, report)
            // Only now the sender's machine hears that its page arrived.
            try? await conversation.send(.pageStored)
        case .worker(.event(.ended(let end))):
            log(end)
            try await reception?.finish(end)
            reception = nil
            return true
        case .worker(.event(.heard(let signal))):
            if signal == .cng { offerT38() }
        case .worker(.event(.negotiated(let facts))):
            await reception?.identified(facts)
        case .workerGone:
            return true
        case .sip(let event):
            return try await handle(event)
        case .offerAnswered(let answer):
            return await handle(answer)
        case .timeout(.t38Offer):
            offerT38()
            // Without audio nothing will come if nothing is left to offer.
            return session?.medium == nil && session?.mayOfferT38 == false && session?.hasOffered == false
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

    private mutating func answer(mediaPort: UInt16) async throws -> Bool {
        timer?.cancel()
        var generator = SystemRandomNumberGenerator()
        let media = LegMedia(address: address, port: mediaPort, policy: policy, random: &generator)
        var session = LegSession(media: media, policy: policy, conversation: conversation)
        guard let answer = session.answer(to: incoming.body) else {
            await incoming.reject(status: 488)
            return true
        }
        reception = try await inbox.begin(inbound)
        timer = events.schedule(.mediaAgreed, after: .seconds(60))
        _ = try await incoming.answer(body: answer.body)
        await session.start(answer)
        self.session = session
        return false
    }

    private mutating func handle(_ event: SIP.CallEvent) async throws -> Bool {
        switch event {
        case .acknowledged(let body):
            // The answer to an offer of ours, where the INVITE had none.
            if !body.isEmpty, session?.medium == nil, await session?.take(firstAnswer: body) == false { return true }
            if policy.carriesAudio {
                // The called tone has its time first: it disables echo cancellers on the way, and some gateways offer T.38 by it.
                if policy.offersAsCallee, session?.mayOfferT38 == true {
                    timer?.cancel()
                    timer = events.schedule(.t38Offer, after: .seconds(3))
                }
            } else {
                offerT38()
            }
        case .reinvite(let body, let responder):
            await session?.answer(body, responder)
            if session?.isT38 == true { timer?.cancel() }
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
        timer?.cancel()
        timer = events.schedule(.offerAnswer, after: .seconds(40))
        events.offer(session.t38Offer(), on: incoming.call)
        self.session = session
    }

    private mutating func handle(_ answer: Swift.Result<[UInt8], ReinviteFailure>) async -> Bool {
        guard var session else { return true }
        let outcome = await session.take(answer)
        defer { self.session = session }
        switch outcome {
        case .settled:
            timer?.cancel()
            return false
        case .glare:
            timer?.cancel()
            timer = events.schedule(.t38Offer, after: await incoming.call.glareDelay())
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
        timer?.cancel()
        timer = events.schedule(.workerEnd, after: .seconds(10))
    }
}
