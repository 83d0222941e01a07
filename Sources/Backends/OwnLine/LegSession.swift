import SIP
import WorkerProtocol
import Workers

/// The media of one side of a call: what was agreed with the far end, and what the worker was told of it.
struct LegSession {
    /// What the far end's word to an offer of ours came to.
    enum OfferOutcome: Equatable {
        /// T.38 has begun, or audio goes on as it was.
        case settled
        /// The far end's own offer is on its way (RFC 3261 14.1).
        case glare
        /// T.38 was declined in a 200: the audio stream is gone with it and must be offered anew.
        case isDeclined
        /// Nothing is left that could carry the fax.
        case impossible(String)
    }

    let policy: MediaPolicy
    private let conversation: CallWorker.Conversation
    private var media: LegMedia
    /// What carries the fax; nil before anything was agreed.
    private(set) var medium: FaxMedium?
    /// Whether a page was confirmed: the fax stays with what carried it.
    var hasConfirmedPage = false
    private(set) var hasOffered = false
    private var isReturning = false

    init(media: LegMedia, policy: MediaPolicy, conversation: CallWorker.Conversation) {
        self.media = media
        self.policy = policy
        self.conversation = conversation
    }

    var isT38: Bool { medium == .t38 }

    /// Whether T.38 could still be offered by us.
    var mayOfferT38: Bool { policy.takesT38 && !isT38 && !hasOffered && !hasConfirmedPage }

    /// What to offer after a glare: audio where T.38 was declined before, T.38 where it may still begin, else nothing.
    mutating func offerAfterGlare() -> [UInt8]? {
        if isReturning { return media.audioOffer() }
        return mayOfferT38 ? t38Offer() : nil
    }

    // MARK: The first offer and its answer

    mutating func firstOffer() -> [UInt8] { media.audioOffer() }

    /// The answer to our first offer.
    /// - Returns: false when it leaves nothing that could carry the fax.
    mutating func take(firstAnswer body: [UInt8]) async -> Bool {
        guard policy.carriesAudio else { return true }
        guard let session = media.audioSession(answer: body) else { return false }
        await startAudio(session)
        return true
    }

    /// The answer to the far end's offer; nil when there is nothing in it that we do (488).
    mutating func answer(to offer: [UInt8]) -> LegMedia.Answer? {
        media.answer(to: offer, mayStart: isT38 || !hasConfirmedPage)
    }

    /// Tells the worker what an answer of ours has settled.
    mutating func start(_ answer: LegMedia.Answer) async {
        if let session = answer.t38 {
            await startT38(session)
        } else if let session = answer.audio, !isT38 {
            // Audio after T.38 is the far end's way to end a fax: T.30 has the last word on that.
            await startAudio(session)
        }
    }

    /// The answer to an offer of ours in a 200, which comes in the ACK (RFC 3264 4).
    mutating func take(acknowledgement body: [UInt8]) async {
        if isT38 {
            if let session = media.t38Session(answer: body) { await startT38(session) }
        } else if policy.carriesAudio, let session = media.audioSession(answer: body) {
            await startAudio(session)
        }
    }

    /// Answers a re-INVITE.
    mutating func answer(_ offer: [UInt8], _ responder: ReinviteResponder) async {
        guard let answer = answer(to: offer) else { return await responder.reject(status: 488) }
        // The far end has said what it wants: an offer of ours that met it is not made again.
        isReturning = false
        await responder.answer(body: answer.body)
        await start(answer)
    }

    // MARK: Our offer of T.38

    /// What to offer now: T.38, once a call.
    mutating func t38Offer() -> [UInt8] {
        hasOffered = true
        return media.t38Offer()
    }

    /// What to offer after ``OfferOutcome/isDeclined``.
    mutating func audioOffer() -> [UInt8] {
        isReturning = true
        return media.audioOffer()
    }

    /// The far end's word to the offer.
    mutating func take(_ answer: Result<[UInt8], ReinviteFailure>) async -> OfferOutcome {
        guard !isT38 else { return .settled }
        switch answer {
        case .failure(let failure) where failure.isCallOver && medium != nil:
            // The end of the call comes as an event of its own, and the worker has the last word on the fax.
            return .settled
        case .success where hasConfirmedPage && !isReturning:
            // Too late: a page went over audio, and the fax stays there.
            return .isDeclined
        case .success(let body) where isReturning:
            isReturning = false
            guard let session = media.audioSession(answer: body) else {
                return .impossible("the far end refused audio after it refused T.38")
            }
            await startAudio(session)
            return .settled
        case .success(let body):
            if let session = media.t38Session(answer: body) {
                await startT38(session)
                return .settled
            }
            return policy.carriesAudio ? .isDeclined : .impossible("the far end refused the T.38 stream")
        case .failure(let failure) where failure.isGlare:
            if !isReturning { hasOffered = false }
            return .glare
        case .failure(let failure):
            // A refused re-INVITE leaves the session as it was (RFC 3261 14.1).
            guard policy.carriesAudio, !isReturning, !failure.isCallOver else {
                return .impossible("the T.38 offer was answered with SIP \(failure.status)")
            }
            return .settled
        }
    }

    // MARK: The worker. One that is gone cannot be told anything; its end comes as an event.

    private mutating func startAudio(_ session: AudioSession) async {
        guard policy.carriesAudio else { return }
        medium = .audio
        try? await conversation.send(.startAudio(session))
    }

    private mutating func startT38(_ session: T38Session) async {
        medium = .t38
        try? await conversation.send(.startT38(session))
    }
}
