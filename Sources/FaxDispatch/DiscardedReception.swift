import Backends
import FaxModel
import WorkerProtocol

/// A call that is answered for the sake of its other end alone: receiving is off, and the loopback exchange still takes what is sent to it.
struct DiscardedReception: Reception {
    func identified(_ negotiation: Negotiation) {}
    func append(_ page: FaxPage, _ report: PageReport) {}
    func finish(_ end: CallEnd) {}
    func breakOff() {}
    func abandon() {}
}
