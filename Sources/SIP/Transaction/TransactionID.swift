/// What a message belongs to (RFC 3261 17.1.3 and 17.2.3).
package enum TransactionID: Hashable, Sendable {
    /// A transaction of ours: branch and method of CSeq.
    case client(branch: String, method: SIPMethod)
    /// A transaction of the peer: branch, `sent-by` and method. An ACK belongs to its INVITE.
    case server(branch: String, sentBy: String, method: SIPMethod)

    /// The transaction that a response answers.
    package init?(of response: SIPResponse) {
        guard let branch = response.headers.topVia?.branch, let method = response.headers.cseq?.method else {
            return nil
        }
        self = .client(branch: branch, method: method)
    }

    /// The transaction that a request of ours opens.
    package init?(ofOwn request: SIPRequest) {
        guard let branch = request.headers.topVia?.branch else { return nil }
        self = .client(branch: branch, method: request.method)
    }

    /// The transaction that a request of the peer belongs to. Without the magic cookie the fields of RFC 2543 stand in
    /// for the branch.
    /// - Parameter method: another method to look for, such as INVITE for a CANCEL.
    package init?(of request: SIPRequest, method: SIPMethod? = nil) {
        guard let via = request.headers.topVia else { return nil }
        var method = method ?? request.method
        if method == .ack { method = .invite }
        // The cookie alone names nothing (RFC 4475 3.2.1).
        if let branch = via.branch, branch.utf8.starts(with: Via.magicCookie.utf8), branch.utf8.count > Via.magicCookie.utf8.count {
            self = .server(branch: branch, sentBy: via.sentBy, method: method)
        } else {
            let headers = request.headers
            let parts = [
                headers.callID ?? "", headers.from?.tag ?? "", String(headers.cseq?.number ?? 0), request.uri.text,
                via.text,
            ]
            self = .server(branch: parts.joined(separator: "\u{0}"), sentBy: via.sentBy, method: method)
        }
    }
}
