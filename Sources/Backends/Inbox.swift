package import FaxModel
package import WorkerProtocol

/// Where received faxes go, page by page.
package protocol Inbox: Sendable {
    /// Whether a number is, or was, somebody's: it leads to a mailbox or was retired. Nothing is recorded.
    func knows(number: String) async throws -> Bool
    /// Asked before a call is answered. A refusal is on the record when this returns.
    func admit(_ call: InboundCall) async throws -> Admission
    /// A call was answered and its pages are about to come.
    func begin(_ call: InboundCall) async throws -> any Reception
}

/// Whether a call is answered.
package enum Admission: Sendable, Equatable {
    case accepted
    /// The number leads to no mailbox.
    case unknownNumber
    /// The number was given up: whoever still calls it has an old address.
    case retiredNumber
    /// Receiving is off (`INBOUND_ENABLED`).
    case notReceiving
}

/// One fax that is being received.
package protocol Reception: Sendable {
    /// T.30 phase B ended: who sends, as it says itself (TSI). Before the first page, and again when it comes anew.
    func identified(_ negotiation: Negotiation) async
    /// A page came in. It is durable, sealed, before this returns, and with the last page (``PageReport/isLast``) the whole fax is: only
    /// then the sender's machine is told that it arrived.
    func append(_ page: FaxPage, _ report: PageReport) async throws
    /// The call is over: what came is made durable as a received fax, if it has any page.
    func finish(_ end: CallEnd) async throws
    /// The call broke off before T.30 could end it. What came is kept and marked partial.
    func breakOff() async throws
    /// What came is to be forgotten, as if the call had never begun: whoever hands it over still has all of it, and hands it over again.
    /// Not after a last page, with which the fax is there.
    func abandon() async
}

/// Who calls whom.
package struct InboundCall: Sendable {
    /// The SIP Call-ID.
    package let reference: String
    /// The number that was dialled.
    package let to: String
    /// The caller's number as signalled, possibly empty.
    package let from: String
    /// The trunk's name; empty for the loopback.
    package let trunk: String

    package init(reference: String, to: String, from: String, trunk: String = "") {
        self.reference = reference
        self.to = to
        self.from = from
        self.trunk = trunk
    }
}
