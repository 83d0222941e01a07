package import FaxModel
package import WorkerProtocol

/// Where received faxes go, page by page.
package protocol Inbox: Sendable {
    /// A call was answered and its pages are about to come.
    func begin(_ call: InboundCall) async throws -> any Reception
}

/// One fax that is being received.
package protocol Reception: Sendable {
    /// A page came in. It is stored sealed before this returns.
    func append(_ page: FaxPage) async throws
    /// The call is over: what came is made durable as a received fax, if it has any page.
    func finish(_ end: CallEnd) async throws
    /// The call broke off before T.30 could end it. What came is kept and marked partial.
    func breakOff() async throws
}

/// Who calls whom.
package struct InboundCall: Sendable {
    /// The SIP Call-ID.
    package let reference: String
    /// The number that was dialled.
    package let to: String
    /// The caller's number as signalled, possibly empty.
    package let from: String

    package init(reference: String, to: String, from: String) {
        self.reference = reference
        self.to = to
        self.from = from
    }
}
