import FaxModel
import WorkerProtocol

/// Keeps nothing: of the sandbox's calls only the caller's end matters.
struct DiscardingInbox: Inbox, Reception {
    func knows(number: String) -> Bool { true }
    func admit(_ call: InboundCall) -> Admission { .accepted }
    func begin(_ call: InboundCall) -> any Reception { self }

    func identified(_ negotiation: Negotiation) {}
    func append(_ page: FaxPage, _ report: PageReport) {}
    func finish(_ end: CallEnd) {}
    func breakOff() {}
    func abandon() {}
}
