import FaxModel
import Glibc
import WorkerProtocol

/// Paced T.38 calls between pairs of workers, all at the same time, a page each.
struct LoadRun {
    /// A worker of a call.
    private final class End {
        var link: WorkerLink
        var port: UInt16?
        var end: CallEnd?
        var page: FaxPage?
        var exit: WorkerLink.Exit?
        var isClosed = false

        init(_ link: consuming WorkerLink) { self.link = link }
    }

    private let worker: String
    private let count: Int
    private let page: BenchPage
    private let nothing: Int32
    private var pairs: [(sender: End, receiver: End, isStarted: Bool)] = []

    /// Between the starts of two calls, seconds.
    private static let interval = 0.12
    private static let deadline = 240.0

    init(worker: String, calls: Int) throws {
        self.worker = worker
        count = calls
        page = try BenchPage(rows: 2200, resolution: .fine)
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    /// Returns whether every page was delivered as it was sent.
    mutating func run() -> Bool {
        let began = monotonicSeconds()
        var most = 0
        while monotonicSeconds() - began < Self.deadline {
            while pairs.count < count, monotonicSeconds() - began >= Double(pairs.count) * Self.interval {
                do {
                    pairs.append((try start(isSending: true), try start(isSending: false), false))
                } catch {
                    print("call \(pairs.count): \(error)")
                    return false
                }
            }
            let open = pairs.flatMap { [$0.sender, $0.receiver] }.filter { $0.exit == nil }
            most = max(most, open.count)
            if open.isEmpty, pairs.count == count { break }
            var descriptors = open.map { pollfd(fd: $0.isClosed ? -1 : $0.link.descriptor, events: Int16(POLLIN), revents: 0) }
            _ = poll(&descriptors, nfds_t(descriptors.count), 50)
            for (index, end) in open.enumerated() {
                if descriptors[index].revents != 0 { take(end) }
                if end.isClosed { end.exit = end.link.reap() }
            }
            for index in pairs.indices where !pairs[index].isStarted { connect(index) }
        }
        return report(seconds: monotonicSeconds() - began, most: most)
    }

    private func start(isSending: Bool) throws -> End {
        let end = End(try WorkerLink(executable: worker, input: isSending ? page.descriptor : nothing))
        end.link.send(
            .start(CallSetup(isCaller: isSending, isSending: isSending, stationIdentifier: "+1 555 123 0100", deadlineSeconds: 220)))
        return end
    }

    private mutating func connect(_ index: Int) {
        guard let sender = pairs[index].sender.port, let receiver = pairs[index].receiver.port else { return }
        pairs[index].isStarted = true
        pairs[index].sender.link.send(
            .startT38(T38Session(peerAddress: "127.0.0.1", peerPort: receiver, maximumDatagram: 1400, redundancy: 5)))
        pairs[index].receiver.link.send(
            .startT38(T38Session(peerAddress: "127.0.0.1", peerPort: sender, maximumDatagram: 1400, redundancy: 5)))
    }

    private func take(_ end: End) {
        for message in end.link.receive() {
            switch message {
            case .event(.ready(let port)): end.port = port
            case .event(.page): end.link.send(.pageStored)
            case .event(.ended(let report)): end.end = report
            case .event: break
            case .page(let page): end.page = page
            case .closed, .unintelligible: end.isClosed = true
            }
        }
    }

    private func report(seconds: Double, most: Int) -> Bool {
        let ends = pairs.flatMap { [$0.sender, $0.receiver] }
        let delivered = pairs.filter { $0.sender.end?.code == 0 && $0.receiver.end?.code == 0 && $0.receiver.page == page.page }.count
        print("load: \(delivered) of \(count) calls delivered identical, \(most) workers at once, \(Int(seconds)) s")
        report("senders", pairs.compactMap { $0.sender.end?.lateness })
        report("receivers", pairs.compactMap { $0.receiver.end?.lateness })
        let processor = ends.compactMap { $0.exit?.processorSeconds }.reduce(0, +)
        print("CPU: \(Double(Int(processor / Double(max(1, count)) * 1000)) / 1000) s a call, both ends with their start")
        for (index, pair) in pairs.enumerated() where pair.sender.end?.code != 0 || pair.receiver.end?.code != 0 {
            print("call \(index): sender \(pair.sender.end?.meaning ?? "died"), receiver \(pair.receiver.end?.meaning ?? "died")")
        }
        return delivered == count
    }

    private func report(_ name: String, _ lateness: [TickLateness]) {
        func milliseconds(_ microseconds: Int) -> String { "\(Double(microseconds / 100) / 10) ms" }
        let p50 = lateness.map(\.p50).sorted()
        let p99 = lateness.map(\.p99).sorted()
        guard let worst = p99.last else { return }
        print(
            "tick lateness of \(name): p50 \(milliseconds(p50[p50.count / 2])), p99 \(milliseconds(p99[p99.count / 2])) in the middle one of them, "
                + "p99 \(milliseconds(worst)) in the worst, largest \(milliseconds(lateness.map(\.maximum).max() ?? 0)), "
                + "\(lateness.reduce(0) { $0 + $1.ticks }) ticks")
    }
}
