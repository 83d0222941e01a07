import FaxModel
import Foundation
import GRDB
import Ledger
import Store
import Synchronization
import Testing
import Vault

@testable import Backup

@Suite struct InterruptionTests {
    private struct Stop: Error {}

    /// What is on disk at each point, as a power cut there would leave it, is a backup folder that works.
    @Test(arguments: BackupPoint.allCases)
    func `a stop at any point leaves whole snapshots only`(point: BackupPoint) async throws {
        try await Installation.with { installation in
            try await installation.accept()
            let first = try await installation.jobs().makeBackup(by: .system)
            installation.clock.advance(by: .seconds(60))
            for _ in 0..<5 { try await installation.accept() }
            // At the point, the folders are copied as they are, and the backup fails there.
            let image = installation.folder + "-image"
            defer { try? FileManager.default.removeItem(atPath: image) }
            let isTaken = Mutex(false)
            let jobs = try await installation.jobs { reached in
                guard reached == point else { return }
                let isFirst = isTaken.withLock { taken in
                    defer { taken = true }
                    return !taken
                }
                guard isFirst else { return }
                try FileManager.default.createDirectory(atPath: image, withIntermediateDirectories: false)
                for part in ["data", "backup", "keys"] {
                    try FileManager.default.copyItem(atPath: "\(installation.folder)/\(part)", toPath: "\(image)/\(part)")
                }
                throw Stop()
            }
            await #expect(throws: Stop.self) { try await jobs.makeBackup(by: .system) }

            // Here the error's own clean-up has run.
            try Self.expectNothingUnfinished(installation.folder)
            try await Self.expectWorking(installation, after: first)
            // There the next start does it.
            let restarted = try await Installation(
                folder: image, key: installation.key, clock: installation.clock, backupKey: installation.backupKey)
            defer { try? restarted.store.close() }
            try await Self.expectWorking(restarted, after: first)
            try Self.expectNothingUnfinished(image)
        }
    }

    private static func expectWorking(_ installation: Installation, after first: BackupReport) async throws {
        let jobs = try await installation.jobs()
        for name in try jobs.folder.names() {
            let target = "\(installation.folder)/restored-\(name)"
            let documents = try await installation.restore(to: target).run(name).documents
            #expect("\(name)" == first.snapshot ? documents == 1 : documents == 6)
        }
        let next = try await jobs.makeBackup(by: .system)
        #expect(next.documents == 6 && next.missing == 0 && next.snapshot > first.snapshot)
        #expect(try await jobs.drill(by: .system).ok)
    }

    private static func expectNothingUnfinished(_ folder: String) throws {
        let unfinished = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            ["partial", ".new", ".previous", "incoming/"].contains { path.contains($0) }
        }
        #expect(unfinished == [])
    }

    @Test func `a full disk ends the backup and nothing else`() async throws {
        try await Installation.with { installation in
            try await installation.accept([UInt8](repeating: 1, count: 100_000))
            let first = try await installation.jobs().makeBackup(by: .system)
            installation.clock.advance(by: .seconds(1))
            try await installation.accept([UInt8](repeating: 2, count: 100_000))
            // The disk takes ever more bytes before it is full: blobs, bundle, snapshot.
            for room in [0, 1000, 101_000, 103_000, 110_000, 150_000] {
                let left = Mutex(room)
                var calls = FileCalls.system
                calls.write = { descriptor, bytes in
                    let isRoom = left.withLock { left in
                        left -= bytes.count
                        return left >= 0
                    }
                    return isRoom ? FileCalls.system.write(descriptor, bytes) : ENOSPC
                }
                let jobs = try await installation.jobs(calls: calls)
                let failure = await #expect(throws: BackupFailure.self) { try await jobs.makeBackup(by: .system) }
                guard case .noSpace = failure else {
                    Issue.record("\(room): \(String(describing: failure))")
                    continue
                }
                try Self.expectNothingUnfinished(installation.folder)
                #expect(try jobs.folder.names().map(\.description) == [first.snapshot])
                try await installation.accept([3])
            }
            #expect(try await installation.restore(to: installation.folder + "/restored").run().documents == 1)
            let jobs = try await installation.jobs()
            #expect(try await jobs.makeBackup(by: .system).documents == 8)
            #expect(try await jobs.drill(by: .system).ok)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6]) func `a disk that fails to sync is no success`(failing: Int) async throws {
        try await Installation.with { installation in
            try await installation.accept()
            let jobs = try await installation.jobs()
            _ = jobs
            let count = Mutex(0)
            var calls = FileCalls.system
            calls.sync = { descriptor in
                count.withLock { count in
                    count += 1
                    return count
                } == failing ? EIO : FileCalls.system.sync(descriptor)
            }
            let second = try await installation.jobs(calls: calls)
            count.withLock { $0 = 0 }
            await #expect(throws: BackupFailure.self) { try await second.makeBackup(by: .system) }
            #expect(count.withLock { $0 } >= failing)
            let good = try await installation.jobs()
            _ = try await good.makeBackup(by: .system)
            #expect(try await good.drill(by: .system).ok)
        }
    }

    /// As when the server stops: calls do not wait for a backup.
    @Test(arguments: [BackupPoint.databaseCopied, .blobCopied, .bundleWritten])
    func `a stop ends the backup at work and leaves nothing unfinished`(point: BackupPoint) async throws {
        try await Installation.with { installation in
            for _ in 0..<40 { try await installation.accept() }
            let (go, reached) = (DispatchSemaphore(value: 0), AsyncStream<Void>.makeStream())
            let isFirst = Mutex(true)
            let count = Mutex(0)
            let jobs = try await installation.jobs { at in
                if at == .blobCopied { count.withLock { $0 += 1 } }
                guard at == point,
                    isFirst.withLock({ first in
                        defer { first = false }; return first
                    })
                else { return }
                reached.continuation.finish()
                go.wait()
            }
            let backup = Task { try await jobs.makeBackup(by: .system) }
            for await _ in reached.stream {}
            await jobs.stop()
            go.signal()
            await #expect(throws: CancellationError.self) { try await backup.value }
            await #expect(throws: CancellationError.self) { try await jobs.drill(by: .system) }
            #expect(try jobs.folder.names() == [])
            if point == .databaseCopied { #expect(count.withLock { $0 } == 0) }
            try Self.expectNothingUnfinished(installation.folder)
            let next = try await installation.jobs()
            #expect(try await next.makeBackup(by: .system).documents == 40)
            #expect(try await next.drill(by: .system).ok)
        }
    }

    /// The copying of a large database is one call.
    @Test func `cancellation ends a long call of the database`() async throws {
        let began = AsyncStream<Void>.makeStream()
        let task = Task {
            try await BackupThreads.run {
                let queue = try DatabaseQueue()
                try BackupThreads.interruptible({ queue.interrupt() }) {
                    try queue.inDatabase { database in
                        database.add(
                            function: DatabaseFunction("began", argumentCount: 0) { _ in
                                began.continuation.finish()
                                return 1
                            })
                        let endless = "WITH RECURSIVE c(x) AS (SELECT began() UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
                        _ = try Int.fetchOne(database, sql: endless)
                    }
                }
            }
        }
        for await _ in began.stream {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// Without the clock, and across a restart: the snapshots of the former key cannot be restored.
    @Test func `a changed ledger key makes a backup due until there is one`() async throws {
        try await Installation.with { installation in
            try await installation.accept()
            let jobs = try await installation.jobs()
            #expect(try await !jobs.isDue(every: nil))
            #expect(try await jobs.isDue(every: .seconds(3600)))
            let first = try await jobs.makeBackup(by: .system)
            #expect(try await !jobs.isDue(every: nil))
            #expect(try await !jobs.isDue(every: .seconds(3600)))
            _ = try await installation.store.rotateLedgerKey(by: .system)
            #expect(try await jobs.isDue(every: nil))
            try installation.store.close()

            let again = try await Installation(
                folder: installation.folder, key: installation.key, clock: installation.clock, backupKey: installation.backupKey)
            defer { try? again.store.close() }
            let restarted = try await again.jobs()
            #expect(try await restarted.isDue(every: nil))
            await #expect(throws: BackupFailure.ledgerKeyChanged(first.snapshot)) {
                try await again.restore(to: installation.folder + "/former").run()
            }
            _ = try await restarted.makeBackup(by: .system)
            #expect(try await !restarted.isDue(every: nil))
            #expect(try await again.restore(to: installation.folder + "/restored").run().documents == 1)
            installation.clock.advance(by: .seconds(3600))
            #expect(try await restarted.isDue(every: .seconds(3600)))
        }
    }

    @Test func `one job at a time, of this server and of another`() async throws {
        try await Installation.with { installation in
            try await installation.accept()
            let (go, reached) = (DispatchSemaphore(value: 0), AsyncStream<Void>.makeStream())
            let jobs = try await installation.jobs { point in
                guard point == .bundleWritten else { return }
                reached.continuation.finish()
                go.wait()
            }
            async let backup = jobs.makeBackup(by: .system)
            for await _ in reached.stream {}
            await #expect(throws: BackupFailure.busy) { try await jobs.drill(by: .system) }
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let other = try await Installation(folder: folder.path)
            defer { try? other.store.close() }
            let others = try await BackupJobs(
                BackupJobs.Plan(
                    dataFolder: other.data, backupFolder: installation.backup, keysFolder: other.keys, key: other.backupKey,
                    rotation: Rotation(days: 1, months: 1)), store: other.store, key: other.key, clock: other.clock.function,
                logger: other.logger)
            await #expect(throws: BackupFailure.busy) { try await others.makeBackup(by: .system) }
            go.signal()
            _ = try await backup
            #expect(try await jobs.drill(by: .system).ok)
        }
    }
}
