/// What the agent knows of a call in progress.
struct CallRecord {
    enum Phase {
        /// Our INVITE has no final answer.
        case calling
        /// The peer's INVITE has no final answer.
        case ringing
        /// A 2xx was sent or came.
        case established
    }

    /// Our INVITE or re-INVITE in progress.
    struct OwnInvite {
        var transaction: TransactionID
        var request: SIPRequest
        /// Who waits for the outcome of a re-INVITE or UPDATE; nil when it is a refresh, which nobody hears of.
        var waiter: CheckedContinuation<Result<[UInt8], ReinviteFailure>, Never>?
    }

    /// The peer's INVITE or re-INVITE without a final answer.
    struct PeerInvite {
        let transaction: TransactionID
        let request: SIPRequest
    }

    /// The ACK of our last INVITE, sent again with each retransmitted 2xx.
    struct SentACK {
        let sequence: UInt32
        let request: SIPRequest
        let destination: SIPFlow
    }

    let callID: String
    let localTag: String
    /// User part of our Contact.
    let contactUser: String?
    let events: AsyncStream<CallEvent>.Continuation
    /// Where the call's messages go when the next hop is a name: the way that the call began with.
    var peer: SIPFlow
    /// Where our INVITE may go when it can go no further (RFC 3263 4.3).
    var otherTargets: [SIPFlow] = []
    var phase: Phase
    var dialog: Dialog?
    /// Nil when challenges are not answered.
    var authenticator: DigestAuthenticator?

    var ownInvite: OwnInvite?
    var sentACK: SentACK?
    var hasProvisional = false
    var provisionalCount = 0
    var lastProvisional = 0
    var isCancelRequested = false
    var isCancelSent = false

    var peerInvite: PeerInvite?
    /// 2xx of ours without ACK, by the sequence number of their INVITE.
    var unacknowledged: [UInt32: UnacknowledgedSuccess] = [:]
    /// BYE waits for the ACK to our 2xx (RFC 3261 15).
    var isHangUpPending = false

    /// Our UPDATE in progress.
    var ownUpdate: OwnInvite?
    /// The peer's UPDATE with an offer that has no answer.
    var peerUpdate: PeerInvite?
    /// Whether the peer's Allow names UPDATE.
    var peerAllowsUpdate = false
    /// The descriptions in force.
    var session = NegotiatedSession()
    /// The session timer agreed.
    var sessionTimer: SessionTimer?
    /// The Min-SE that a 422 of this call named.
    var minimumInterval: Int?
    /// Whether the call is hung up because the agent is shut down.
    var isShutDown = false
    /// Why we end the call.
    var hangUpReason: SIPReason?
    /// How it ended, for whoever asks afterwards.
    let facts = CallFactsBox()

    /// Takes from a request or 2xx of the peer what it can do.
    mutating func notePeer(_ headers: SIPHeaders) {
        let allowed = headers.list("Allow")
        // Without Allow nothing is said (RFC 3261 20.5).
        if !allowed.isEmpty { peerAllowsUpdate = allowed.contains(SIPMethod.update.rawValue) }
    }

    struct UnacknowledgedSuccess {
        var machine: SuccessRetransmission
        let destination: SIPFlow
        /// The offer that the 2xx carried, when its INVITE had none.
        var offer: [UInt8]?
        /// Whether it answers a refresh, of which nobody hears.
        var isRefresh = false
    }
}
