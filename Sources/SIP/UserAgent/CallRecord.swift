import NIOCore

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
        let transaction: TransactionID
        let request: SIPRequest
        /// Who waits for the outcome of a re-INVITE.
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
        let destination: SocketAddress
    }

    let callID: String
    let localTag: String
    /// User part of our Contact.
    let contactUser: String?
    let events: AsyncStream<CallEvent>.Continuation
    /// Where the call's messages go when the next hop is a name: the address that the call began with.
    let peer: SocketAddress
    var phase: Phase
    var dialog: Dialog?

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

    struct UnacknowledgedSuccess {
        var machine: SuccessRetransmission
        let destination: SocketAddress
    }
}
