import FaxModel
import Glibc
import WorkerProtocol

/// Sessions of all attacks, some at a time, counted. Two of ten have no attack: they show that the others hurt nobody.
struct FuzzRun {
    private let worker: String
    private let count: Int
    private let seed: UInt64
    private let page: BenchPage
    private let nothing: Int32

    private static let atOnce = 24
    private static let attacks: [FrameMutator.Attack] = [
        .none, .shortCodedData, .changedOctets, .addedFrames, .none, .reservedWidth, .changedLengths, .addedFrames, .brokenPackets, .killed,
    ]

    init(worker: String, sessions: Int, seed: UInt64) throws {
        self.worker = worker
        count = sessions
        self.seed = seed
        page = try BenchPage(rows: 300, resolution: .standard)
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    /// Returns whether every session ended in one of the ways that are allowed, and every one without attack delivered its page.
    mutating func run() -> Bool {
        let began = monotonicSeconds()
        var sessions: [FuzzSession] = []
        var next = 0
        var (ended, delivered, killed, died, hung, wrong, peaceful, failedPeaceful) = (0, 0, 0, 0, 0, 0, 0, 0)
        var codes: [Int: Int] = [:]
        var processor = 0.0
        while next < count || !sessions.isEmpty {
            while next < count, sessions.count < Self.atOnce {
                let attack = Self.attacks[next % Self.attacks.count]
                do {
                    sessions.append(
                        try FuzzSession(
                            worker: worker, page: page, nothing: nothing, attack: attack, seed: seed &* 1_000_003 &+ UInt64(next)))
                } catch {
                    print("session \(next): \(error)")
                    return false
                }
                next += 1
            }
            var descriptors = sessions.flatMap { $0.descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) } }
            _ = poll(&descriptors, nfds_t(descriptors.count), 1)
            for session in sessions { session.step() }
            for session in sessions {
                guard let outcome = session.outcome else { continue }
                processor += session.processorSeconds
                var isDelivered = false
                switch outcome {
                case .ended(let end):
                    ended += 1
                    codes[end.code, default: 0] += 1
                    isDelivered = end.code == 0 && (session.isWorkerSending || session.isIdentical)
                    delivered += isDelivered ? 1 : 0
                case .died(SIGSEGV) where session.attack == .killed: killed += 1
                case .died(let signal):
                    died += 1
                    print("died by signal \(signal): \(session.attack), seed \(session.seed), worker sends: \(session.isWorkerSending)")
                case .hung:
                    hung += 1
                    print("hung: \(session.attack), seed \(session.seed), worker sends: \(session.isWorkerSending)")
                case .wrong(let what):
                    wrong += 1
                    print("\(what): \(session.attack), seed \(session.seed), worker sends: \(session.isWorkerSending)")
                }
                if session.attack == .none {
                    peaceful += 1
                    failedPeaceful += isDelivered ? 0 : 1
                    if !isDelivered { print("not delivered without attack: \(outcome), seed \(session.seed)") }
                }
            }
            sessions.removeAll { $0.outcome != nil }
        }
        let seconds = monotonicSeconds() - began
        print(
            "fuzz: sessions \(count), ended \(ended), killed \(killed), died \(died), hung \(hung), wrong \(wrong), delivered \(delivered), "
                + "without attack \(peaceful) of which failed \(failedPeaceful), \(Int(seconds)) s, worker CPU \(Int(processor)) s")
        print("codes: " + codes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))
        return hung == 0 && wrong == 0 && failedPeaceful == 0 && ended + killed + died == count
    }
}
