import CProcess
import FaxModel
import Glibc
import T30
import Telefax
import WorkerProtocol

/// One worker and the far end that attacks it.
final class FuzzSession {
    enum Outcome {
        /// The worker reported the end of its call and left with status 0.
        case ended(CallEnd)
        /// It was killed by a signal; the conversation showed nothing but its end.
        case died(signal: Int32)
        /// It did not end its call when told to.
        case hung
        /// Anything else: nonsense in the conversation, another exit status.
        case wrong(String)
    }

    let attack: FrameMutator.Attack
    let seed: UInt64
    let isWorkerSending: Bool
    private(set) var outcome: Outcome?
    private(set) var processorSeconds = 0.0
    /// Whether a received page is the one that was sent.
    private(set) var isIdentical = false

    private var worker: WorkerLink
    private let socket: LoopbackSocket
    private let received: Int32
    private let terminal: T38FaxTerminal
    private let page: FaxPage
    private var mutator: FrameMutator
    private var sender = UDPTLSender(redundancy: 0, maximumDatagram: 1400)
    private var receiver = UDPTLReceiver()
    private var queue: [[UInt8]] = []
    private var end: CallEnd?
    private var wrong: String?
    private var isStarted = false
    private var isClosed = false
    private let giveUp: Double
    /// Packets to it after which the worker is to be killed; nil if it may live.
    private var packetsToDeath: Int?
    private var isToldToEnd = false
    private var clock: Double

    /// Seconds that a worker has to end its call when told to, on a machine that does much else.
    private static let patience = 15.0

    init(worker executable: String, page: BenchPage, nothing: Int32, attack: FrameMutator.Attack, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        self.attack = attack
        self.seed = seed
        self.page = page.page
        isWorkerSending = Bool.random(using: &random)
        mutator = FrameMutator(attack: attack, seed: random.next())
        worker = try WorkerLink(executable: executable, input: isWorkerSending ? page.descriptor : nothing)
        socket = try LoopbackSocket()
        received = cprocess_memory_file("received")
        let document: T30Settings.Document =
            isWorkerSending ? .receive(path: "/proc/self/fd/\(received)") : .send(path: page.path, firstPage: 0)
        terminal = try T38FaxTerminal(T30Settings(isCaller: !isWorkerSending, document: document), isUnpaced: true)
        clock = monotonicSeconds()
        // Some may go on into T.30's repetitions, which come after 3.5 seconds; one without attack takes as long as it takes.
        giveUp = clock + (attack == .none ? 60 : Int.random(in: 0..<4, using: &random) == 0 ? 9 : 3)
        // Every call has more than these.
        packetsToDeath = attack == .killed ? Int.random(in: 1...12, using: &random) : nil
        worker.send(
            .start(
                CallSetup(
                    isCaller: isWorkerSending, isSending: isWorkerSending, stationIdentifier: "+1 555 123 0100", isUnpaced: true,
                    deadlineSeconds: 120)))
    }

    deinit { close(received) }

    var descriptors: [Int32] { [isClosed ? -1 : worker.descriptor, socket.descriptor] }

    /// One turn: what came, the time that passed, what is to go out.
    func step() {
        guard outcome == nil else { return }
        if !isClosed { for message in worker.receive() { take(message) } }
        let now = monotonicSeconds()
        if isStarted, !isClosed {
            while let datagram = socket.receive() {
                for packet in receiver.receive(datagram) { terminal.receive(packet.bytes, sequence: packet.sequence) }
            }
            var steps = 0
            while now - clock >= 0.001, steps < 200 {
                clock += 0.001
                steps += 1
                terminal.advance(samples: 8)
            }
            for event in terminal.takeEvents() {
                if case .page = event { terminal.confirmPage() }
            }
            for packet in terminal.takePackets() {
                packetsToDeath? -= 1
                if packetsToDeath == 0 { worker.crash() }
                for bytes in mutator.mutate(packet.bytes) {
                    let datagram = sender.datagram(for: bytes)
                    for _ in 0..<packet.repeats { queue.append(datagram) }
                }
            }
            // As many as a socket's buffer survives.
            for datagram in queue.prefix(8 * max(1, steps)) { socket.send(datagram) }
            queue.removeFirst(min(queue.count, 8 * max(1, steps)))
        }
        if now > giveUp, !isToldToEnd, !isClosed {
            isToldToEnd = true
            worker.send(.hangUp)
        }
        if let exit = worker.reap() {
            // What it said last may still be in the socket.
            if !isClosed { for message in worker.receive() { take(message) } }
            processorSeconds = exit.processorSeconds
            finish(exit)
        } else if now > giveUp + Self.patience {
            outcome = .hung
        }
    }

    private func take(_ message: WorkerLink.Message) {
        if end != nil, wrong == nil, case .event = message { wrong = "spoke after the end" }
        switch message {
        case .event(.ready(let port)):
            socket.connect(port: port)
            worker.send(.startT38(T38Session(peerAddress: "127.0.0.1", peerPort: socket.port, maximumDatagram: 1400, redundancy: 0)))
            isStarted = true
            clock = monotonicSeconds()
        case .event(.page):
            if !isWorkerSending { worker.send(.pageStored) }
        case .event(.ended(let end)): self.end = end
        case .event: break
        case .page(let page): isIdentical = page == self.page
        case .closed: isClosed = true
        case .unintelligible:
            isClosed = true
            wrong = "unintelligible"
        }
    }

    private func finish(_ exit: WorkerLink.Exit) {
        if exit.signal != 0, wrong == nil || wrong == "unintelligible" {
            // A death in the middle of a message cuts it off: that too is one failed call.
            outcome = .died(signal: exit.signal)
        } else if let wrong {
            outcome = .wrong(wrong)
        } else if let end, exit.status == 0 {
            outcome = .ended(end)
        } else {
            outcome = .wrong("exit status \(exit.status), \(end == nil ? "no end reported" : "after its end")")
        }
    }
}
