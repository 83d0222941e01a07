import Logging
import NIOCore

extension UserAgent {
    /// Refuses a request that cannot be read, as far as it says whom to tell (RFC 3261 8.2, RFC 4475 3.1.2). It is answered
    /// without a transaction: the sender repeats it as often as it likes and hears the same, with the same tag.
    func refuseMalformed(_ bytes: [UInt8], _ failure: SIPParseFailure, by flow: SIPFlow) {
        guard failure != .empty else { return }
        logger.debug("SIP message not readable", metadata: ["failure": "\(failure)"])
        guard !isShutDown, let request = SIPParser().outline(bytes), let (noted, replyTo) = noteSource(of: request, by: flow) else {
            return
        }
        let status =
            switch failure {
            case .unsupportedVersion: 505
            case .tooLarge("size"): 513
            default: 400
            }
        var response = noted.response(status, toTag: "malformed")
        for name in ["From", "To", "Call-ID", "CSeq"] where response.headers[name]?.isEmpty == true { response.headers.remove(name) }
        // A To that cannot be read has no tag and gets none: it goes back as it came.
        if let name = configuration.productName { response.headers.set("Server", name) }
        send(.response(response), to: replyTo)
    }

    /// RFC 3261 18.2.1 and RFC 3581 4: writes into the top Via where a request came from, and says where its answer goes. On a
    /// stream that is the same connection, and the address made here only when that has ended (18.2.2).
    func noteSource(of arrived: SIPRequest, by flow: SIPFlow) -> (SIPRequest, replyTo: SIPFlow)? {
        guard var via = arrived.headers.topVia else { return nil }
        let source = flow.remote
        var replyTo = flow
        if via.parameters["rport"] != nil {
            via.parameters["rport"] = source.port.map(String.init)
            via.parameters["received"] = source.ipAddress
        } else {
            replyTo.remote.port = via.port ?? flow.kind.defaultPort
            if via.host != source.ipAddress { via.parameters["received"] = source.ipAddress }
        }
        if flow.kind.isReliable { replyTo.remote.port = via.port ?? flow.kind.defaultPort }
        var request = arrived
        request.headers.replaceFirstEntry(of: "Via", with: via.text)
        return (request, replyTo)
    }
}
