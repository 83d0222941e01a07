import NIOPosix
import Synchronization

/// The threads on which backups read and write: not those of the documents, which requests wait for.
enum BackupThreads {
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()
    private static let batch = 32
    /// Of the task for which a thread works.
    @TaskLocal private static var cancellation: ThreadCancellation?

    /// Runs blocking work. When the task is cancelled, work that has begun ends at its next ``checkCancellation()``.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let cancellation = ThreadCancellation()
        return try await withTaskCancellationHandler {
            try await pool.runIfActive { try $cancellation.withValue(cancellation, operation: work) }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Runs blocking work also for a task that is cancelled: what cleans up after it.
    static func finish(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await Task { try await pool.runIfActive(work) }.value
    }

    /// - Throws: `CancellationError` when the task for which this thread works was cancelled.
    static func checkCancellation() throws {
        if cancellation?.isCancelled == true { throw CancellationError() }
    }

    /// Runs one long call, which `interrupt` ends from another thread when the task is cancelled.
    static func interruptible(_ interrupt: @escaping @Sendable () -> Void, _ work: () throws -> Void) throws {
        try checkCancellation()
        cancellation?.setInterrupt(interrupt)
        defer { cancellation?.setInterrupt(nil) }
        do {
            try work()
        } catch {
            try checkCancellation()
            throw error
        }
    }

    /// Runs blocking work for each of `inputs`, on all threads, and gives the results in their order.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], _ work: @escaping @Sendable (Input) throws -> Output
    ) async throws -> [Output] {
        try await withThrowingTaskGroup(of: (Int, [Output]).self) { group in
            for start in stride(from: 0, to: inputs.count, by: batch) {
                let part = Array(inputs[start..<min(start + batch, inputs.count)])
                group.addTask { (start, try await run { try part.map(work) }) }
            }
            var parts: [Int: [Output]] = [:]
            for try await (start, outputs) in group { parts[start] = outputs }
            return parts.sorted { $0.key < $1.key }.flatMap(\.value)
        }
    }
}

/// Tells a thread that the task for which it works was cancelled.
private final class ThreadCancellation: Sendable {
    private let state = Mutex<(isCancelled: Bool, interrupt: (@Sendable () -> Void)?)>((false, nil))

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func cancel() {
        // Within the lock: what is interrupted is still there.
        state.withLock { state in
            state.isCancelled = true
            state.interrupt?()
        }
    }

    func setInterrupt(_ interrupt: (@Sendable () -> Void)?) {
        state.withLock { state in
            state.interrupt = interrupt
            if state.isCancelled { interrupt?() }
        }
    }
}
