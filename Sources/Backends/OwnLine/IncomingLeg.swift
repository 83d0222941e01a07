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

    private let events = LegEvents()
    private var media: LegMedia?
    private var reception: (any Reception)?
    private var isSIPOver = false

    init(incoming: IncomingCall, inbound: InboundCall, conversation: CallWorker.Conversation, inbox: any Inbox) {
        self.incoming = incoming
        self.inbound = inbound
        self.conversation = conversation
        self.inbox = inbox
    }

    /// Stays until the call is over and what came is stored.
    /// - Throws: what keeps received pages from being stored.
    mutating func run() async throws {
        let forwarders = [events.forward(conversation), events.forward(incoming.call)]
        defer { for task in forwarders { task.cancel() } }
        do {
            for await event in events.stream {
                if try await handle(event) { break }
            }
        } catch {
            try? await reception?.breakOff()
            throw error
        }
        if !isSIPOver { await incoming.call.hangUp() }
    }

    /// - Returns: whether the call is over.
    private mutating func handle(_ event: LegEvents.Event) async throws -> Bool {
        switch event {
        case .worker(.event(.ready(let port))):
            try await answer(mediaPort: port)
        case .worker(.page(let page)):
            try await reception?.append(page)
        case .worker(.event(.ended(let end))):
            try await reception?.finish(end)
            return true
        case .worker(.event(.negotiated)), .worker(.event(.page)):
            break
        case .workerGone:
            try await reception?.breakOff()
            return true
        case .sip(let event):
            return try await handle(event)
        case .timeout, .stop:
            break
        }
        return false
    }

    private mutating func answer(mediaPort: UInt16) async throws {
        var generator = SystemRandomNumberGenerator()
        var media = LegMedia(
            address: "127.0.0.1", port: mediaPort, sessionID: UInt64.random(in: 1...(1 << 53), using: &generator))
        guard let answer = media.answer(to: incoming.body) else { return await incoming.reject(status: 488) }
        reception = try await inbox.begin(inbound)
        self.media = media
        _ = try await incoming.answer(body: answer.body)
        if let session = answer.t38 { try? await conversation.send(.startT38(session)) }
    }

    private mutating func handle(_ event: SIP.CallEvent) async throws -> Bool {
        switch event {
        case .acknowledged:
            return try await offerT38()
        case .reinvite(let body, let responder):
            guard let answer = media?.answer(to: body) else {
                await responder.reject(status: 488)
                return false
            }
            await responder.answer(body: answer.body)
            if let session = answer.t38 { try? await conversation.send(.startT38(session)) }
            return false
        case .ended, .rejected:
            isSIPOver = true
            // T.30 has the last word on what was received.
            try? await conversation.send(.hangUp)
            return false
        case .provisional, .answered:
            return false
        }
    }

    /// A fax machine was called, so T.38 is offered at once. (A line that may be answered by a person waits for CED.)
    private mutating func offerT38() async throws -> Bool {
        guard var media else { return false }
        defer { self.media = media }
        do {
            let body = try await incoming.call.reinvite(body: media.t38Offer())
            guard let session = media.t38Session(answer: body) else { return true }
            try? await conversation.send(.startT38(session))
            return false
        } catch {
            return !error.isGlare
        }
    }
}
