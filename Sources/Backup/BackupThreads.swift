import NIOPosix

/// The threads on which backups read and write: not those of the documents, which requests wait for.
enum BackupThreads {
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()
    private static let batch = 32

    /// Runs blocking work. Work that has begun is not cancelled.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive(work)
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
