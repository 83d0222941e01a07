import SIP
import Telefax
import WorkerProtocol
import Workers

/// The answering side of one fax call: answer as audio, change to T.38, receive, hang up when T.30 is done.
struct IncomingLeg {
    let incoming: IncomingCall
    let inbound: InboundCall
    let conversation: CallWorker.Conversation
    let inbox: any Inbox

    private let events: LegEvents
    private var media: LegMedia?
    private var reception: (any Reception)?
    private var isSIPOver = false
    private var isT38 = false
    private var hasOffered = false
    private var timer: Task<Void, any Error>?

    init(incoming: IncomingCall, inbound: InboundCall, conversation: CallWorker.Conversation, inbox: any Inbox, events: LegEvents) {
        self.incoming = incoming
        self.inbound = inbound
        self.conversation = conversation
        self.inbox = inbox
        self.events = events
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
            try await reception?.append(page)
        case .worker(.event(.ended(let end))):
            try await reception?.finish(end)
            reception = nil
            return true
        case .worker(.event(.negotiated)), .worker(.event(.page)):
            break
        case .workerGone:
            return true
        case .sip(let event):
            return try await handle(event)
        case .offerAnswered(let answer):
            return await handle(answer)
        case .timeout(.t38Offer):
            // After glare: the far end was to offer. If it did not, nothing will come.
            return !isT38
        case .timeout:
            return true
        case .stop:
            await hangUpWorker()
            return !isT38
        }
        return false
    }

    private mutating func answer(mediaPort: UInt16) async throws -> Bool {
        timer?.cancel()
        var generator = SystemRandomNumberGenerator()
        var media = LegMedia(
            address: "127.0.0.1", port: mediaPort, sessionID: UInt64.random(in: 1...(1 << 53), using: &generator))
        guard let answer = media.answer(to: incoming.body) else {
            await incoming.reject(status: 488)
            return true
        }
        reception = try await inbox.begin(inbound)
        self.media = media
        timer = events.schedule(.t38Offer, after: .seconds(60))
        _ = try await incoming.answer(body: answer.body)
        if let session = answer.t38 { await startT38(session) }
        return false
    }

    private mutating func handle(_ event: SIP.CallEvent) async throws -> Bool {
        switch event {
        case .acknowledged:
            offerT38()
        case .reinvite(let body, let responder):
            guard let answer = media?.answer(to: body) else {
                await responder.reject(status: 488)
                return false
            }
            await responder.answer(body: answer.body)
            if let session = answer.t38 { await startT38(session) }
        case .ended, .rejected:
            isSIPOver = true
            // T.30 has the last word on what was received.
            await hangUpWorker()
        case .provisional, .answered:
            break
        }
        return false
    }

    /// A fax machine was called, so T.38 is offered at once, and once. (A line that may be answered by a person waits for CED.)
    private mutating func offerT38() {
        guard !hasOffered, !isT38, let offer = media?.t38Offer() else { return }
        hasOffered = true
        events.offer(offer, on: incoming.call)
    }

    private mutating func handle(_ answer: Swift.Result<[UInt8], ReinviteFailure>) async -> Bool {
        guard !isT38 else { return false }
        switch answer {
        case .success(let body):
            guard let session = media?.t38Session(answer: body) else { return true }
            await startT38(session)
            return false
        case .failure(let failure):
            return !failure.isGlare
        }
    }

    private mutating func startT38(_ session: T38Session) async {
        isT38 = true
        timer?.cancel()
        // A worker that is gone cannot be told anything; its end comes as an event.
        try? await conversation.send(.startT38(session))
    }

    private mutating func hangUpWorker() async {
        try? await conversation.send(.hangUp)
        timer?.cancel()
        timer = events.schedule(.workerEnd, after: .seconds(10))
    }
}
