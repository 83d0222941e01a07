import Glibc
import NIOPosix
import Synchronization

/// Makes renames durable. One fsync of a folder serves everybody whose rename was done before it began.
final class FolderSync: Sendable {
    private struct State {
        var waiting: [String: [CheckedContinuation<Void, any Error>]] = [:]
        /// The folders in `waiting`, first come first served; at most one entry a folder, so it stays short.
        var order: [String] = []
        var workers = 0

        mutating func add(_ continuation: CheckedContinuation<Void, any Error>, to folder: String) {
            if waiting[folder] == nil { order.append(folder) }
            waiting[folder, default: []].append(continuation)
        }

        mutating func takeNext() -> (folder: String, waiting: [CheckedContinuation<Void, any Error>])? {
            guard !order.isEmpty else { return nil }
            let folder = order.removeFirst()
            return (folder, waiting.removeValue(forKey: folder) ?? [])
        }
    }

    private let root: OpenFile
    private let calls: FileCalls
    private let pool: NIOThreadPool
    private let state = Mutex(State())
    /// Folders that are synced at the same time: the journal commits them together.
    private static let maximumWorkers = 2

    init(root: OpenFile, calls: FileCalls, pool: NIOThreadPool) {
        self.root = root
        self.calls = calls
        self.pool = pool
    }

    /// Returns when all that was renamed in or removed from `folder` before the call is durable.
    ///
    /// `@concurrent` because a caller's actor is lost (Swift 6.3.1, optimised) when a function that runs on it waits in a continuation.
    @concurrent
    func sync(_ folder: String) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let needsWorker = state.withLock { state in
                state.add(continuation, to: folder)
                guard state.workers < Self.maximumWorkers else { return false }
                state.workers += 1
                return true
            }
            if needsWorker { pool.submit { self.work(isActive: $0 == .active) } }
        }
    }

    /// Takes folder after folder until nobody waits.
    private func work(isActive: Bool) {
        while true {
            let next = state.withLock { state in
                let next = state.takeNext()
                if next == nil { state.workers -= 1 }
                return next
            }
            guard let (folder, waiting) = next else { return }
            let result = Result<Void, any Error> {
                guard isActive else { throw CancellationError() }
                try syncNow(folder)
            }
            for continuation in waiting { continuation.resume(with: result) }
        }
    }

    private func syncNow(_ folder: String) throws(BlobError) {
        let file = try OpenFile(folder, in: root, flags: O_RDONLY | O_DIRECTORY, operation: "opening the folder")
        let code = calls.sync(file.descriptor)
        guard code == 0 else { throw BlobError("fsync of the folder", errno: code) }
    }
}
