import Backends
import FaxModel
import Synchronization
import WorkerProtocol

/// Keeps what it receives.
final class MemoryInbox: Inbox {
    /// One received call.
    struct Fax: Sendable {
        let call: InboundCall
        var pages: [FaxPage] = []
        /// Nil when it broke off.
        var end: CallEnd?
    }

    /// A page cannot be stored.
    struct Full: Error {}

    private let limit: Int
    private let admission: Admission
    private let known: Set<String>?
    /// The numbers that were asked for, in order.
    let admitted = Mutex<[String]>([])
    /// Faxes whose calls are over, in that order.
    let finished: AsyncStream<Fax>
    private let continuation: AsyncStream<Fax>.Continuation

    /// - Parameters:
    ///   - limit: pages that a fax may have before the inbox is full.
    ///   - admission: what each call is answered.
    ///   - known: the numbers that are somebody's; nil: all.
    init(limit: Int = .max, admission: Admission = .accepted, known: Set<String>? = nil) {
        self.limit = limit
        self.known = known
        self.admission = admission
        (finished, continuation) = AsyncStream.makeStream()
    }

    func knows(number: String) -> Bool { known.map { $0.contains(number) } ?? true }

    func admit(_ call: InboundCall) async throws -> Admission {
        admitted.withLock { $0.append(call.to) }
        return admission
    }

    func begin(_ call: InboundCall) async throws -> any Reception {
        Receiving(Fax(call: call), limit: limit) { [continuation] in continuation.yield($0) }
    }

    /// The next call that is over.
    func next() async -> Fax? {
        for await fax in finished { return fax }
        return nil
    }

    private actor Receiving: Reception {
        private var fax: Fax
        private let limit: Int
        private let finished: @Sendable (Fax) -> Void

        init(_ fax: Fax, limit: Int, finished: @escaping @Sendable (Fax) -> Void) {
            self.fax = fax
            self.limit = limit
            self.finished = finished
        }

        func identified(_ negotiation: Negotiation) {}

        func append(_ page: FaxPage, _ report: PageReport) throws {
            guard fax.pages.count < limit else { throw Full() }
            fax.pages.append(page)
        }

        func finish(_ end: CallEnd) {
            fax.end = end
            finished(fax)
        }

        func breakOff() { finished(fax) }

        func abandon() {}
    }
}
