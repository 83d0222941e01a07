import Backends
import FaxDispatch
import FaxModel
import Glibc
import Logging
import NIOPosix
import Store
import Synchronization
import Vault
import Workers

/// `queue-bench latency`: what the next fax costs in a short and in a long queue. `queue-bench drain`: how fast the dispatcher empties one.
@main
struct QueueBench {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let folder = arguments.count > 1 ? arguments[1] : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        switch arguments.first {
        case "latency": try await latency(in: folder, counts: [1000, arguments.count > 2 ? Int(arguments[2]) ?? 1_000_000 : 1_000_000])
        case "drain": try await drain(in: folder, count: arguments.count > 2 ? Int(arguments[2]) ?? 20_000 : 20_000)
        default:
            print("usage: queue-bench latency|drain [folder] [faxes]")
            exit(64)
        }
    }

    @concurrent
    private static func withFolder(_ parent: String, _ body: @concurrent (String) async throws -> Void) async throws {
        let path = parent + "/queue-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        guard mkdir(path, 0o700) == 0 else { throw BenchFailure("the folder \(path) cannot be made") }
        defer { remove(path) }
        try await body(path)
    }

    private static func remove(_ path: String) {
        guard let handle = opendir(path) else { return }
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard name != ".", name != ".." else { continue }
            if unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
        }
        closedir(handle)
        rmdir(path)
    }

    // MARK: Latency

    /// From the look at the queue to the committed outcome, without the call: the same faxes each time, the rest of the queue behind them.
    @concurrent
    private static func latency(in parent: String, counts: [Int]) async throws {
        var results: [(count: Int, p50: Double, p99: Double)] = []
        for count in counts {
            try await withFolder(parent) { path in
                let queue = try await FilledQueue(path: path, count: count)
                let samples = try await dispatch(min(900, count - 100), of: queue).sorted()
                let result = (count, samples[samples.count / 2], samples[samples.count * 99 / 100])
                print("\(count) faxes: p50 \(micro(result.1)), p99 \(micro(result.2)) to take and end the next one")
                results.append(result)
                try queue.store.close()
            }
        }
        let ratio = results[results.count - 1].p99 / results[0].p99
        print("p99 of the long queue by that of the short one: \(Double(Int(ratio * 100)) / 100)")
    }

    private static func dispatch(_ rounds: Int, of queue: FilledQueue) async throws -> [Double] {
        let image = try await queue.documents.create(.transmitted)
        try await image.append([0])
        let sent = try await image.finish()
        var samples: [Double] = []
        for round in 0..<rounds {
            let clock = ContinuousClock()
            let begun = clock.now
            _ = try await queue.store.promote()
            guard let next = try await queue.store.queuedFaxes(limit: 36).first, let fax = try await queue.store.fax(next.id) else {
                throw BenchFailure("the queue is empty")
            }
            guard let name = DocumentID("\(fax.document)-\(round)") else { throw BenchFailure("no such document") }
            let document = StoredDocument(
                id: name, kind: .transmitted, epoch: sent.epoch, wrappedKey: sent.wrappedKey, size: 1,
                sha256: sent.sha256, createdAt: SystemTime.now())
            let attempt = try await queue.store.intendAttempt(
                for: fax.id, .init(backend: "instant", route: "instant", reference: fax.id.text, image: document))
            guard let attempt else { throw BenchFailure("the intent was refused") }
            try await queue.store.attemptEnded(fax.id, attempt: attempt, report: .init(.failed(.rejected), evidence: "bench")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            let time = clock.now - begun
            samples.append(Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds))
        }
        return samples
    }

    private static func micro(_ seconds: Double) -> String { "\(Int(seconds * 1_000_000)) µs" }

    // MARK: Drain

    @concurrent
    private static func drain(in parent: String, count: Int) async throws {
        try await withFolder(parent) { path in
            let queue = try await FilledQueue(path: path, count: count)
            let ended = Atomic<Int>(0)
            let (done, finish) = AsyncStream.makeStream(of: Void.self)
            let dispatcher = Dispatcher(
                documents: queue.documents,
                renderer: PageRenderer(executable: "/nonexistent", group: MultiThreadedEventLoopGroup.singleton),
                routes: [Route(name: "instant", backend: InstantBackend(), maximumCalls: 128)],
                header: try HeaderText(sender: "Bench", number: "+1 555 123 0111", timeZone: "UTC"),
                limits: Dispatcher.Limits(renderers: 0, calls: 128, pages: 10, grace: .seconds(5)), clock: SystemTime.now,
                logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() },
                attemptEnded: { _ in if ended.add(1, ordering: .relaxed).newValue == count { finish.finish() } })
            let clock = ContinuousClock()
            let begun = clock.now
            let running = Task { await dispatcher.run() }
            for await _ in done {}
            let time = clock.now - begun
            await dispatcher.stop()
            await running.value
            let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
            print(
                "\(count) faxes in \(Double(Int(seconds * 10)) / 10) s: \(Int(Double(count) / seconds)) a second, each delivered by the instant backend"
            )
            try queue.store.close()
        }
    }
}
