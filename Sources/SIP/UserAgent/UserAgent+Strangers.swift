import Logging
import NIOCore

/// Requests from where no calls are taken (``UserAgentConfiguration/acceptsCallsFrom``). Whoever floods us from there takes no
/// transaction and no call from the trunk.
extension UserAgent {
    /// How often a refusal is logged.
    private static let noticeInterval = Duration.seconds(60)

    /// Whether a request belongs to no call in progress and came from where no calls are taken.
    func isStranger(_ request: SIPRequest, from source: SocketAddress) -> Bool {
        guard let acceptsCallsFrom = configuration.acceptsCallsFrom, !isOfCall(request) else { return false }
        return !acceptsCallsFrom(source)
    }

    /// 403 to an INVITE, and a word to the operator: it may be the trunk at an address that nobody has told us.
    func refuseStranger(_ arrival: Arrival) {
        refuse(arrival, 403)
        if timers[.strangers] != nil {
            refusedStrangers += 1
        } else {
            logger.notice("SIP call refused: none are taken from this address", metadata: ["source": "\(arrival.source.ipAddress ?? "")"])
            set(.strangers, after: Self.noticeInterval)
        }
    }

    /// Tells how many were refused since the last notice.
    func reportStrangers() {
        guard refusedStrangers > 0 else { return }
        logger.notice("SIP calls refused: none are taken from their addresses", metadata: ["count": "\(refusedStrangers)"])
        refusedStrangers = 0
        set(.strangers, after: Self.noticeInterval)
    }

    /// Answers as a stateless server does (RFC 3261 8.2.7): a repeated request hears the same again, with the same tag, and
    /// the ACK of a refused INVITE is ignored.
    func answerWithoutTransaction(_ arrival: Arrival, _ status: Int, _ add: (inout SIPHeaders) -> Void) {
        var response = arrival.request.response(status, toTag: "stranger")
        add(&response.headers)
        if let name = configuration.productName { response.headers.set("Server", name) }
        send(.response(response), to: arrival.replyTo)
    }
}
