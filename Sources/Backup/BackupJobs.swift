package import FaxModel
package import Ledger
package import Logging
package import Store
package import Vault

/// Backups and drills of a running server, one at a time.
package actor BackupJobs {
    /// Where backups go, and for how long.
    package struct Plan: Sendable {
        /// `FAX_DATA_DIR`.
        package let dataFolder: String
        /// `FAXLOCK_BACKUP_DIR`.
        package let backupFolder: String
        /// `FAXLOCK_BACKUP_KEYS_DIR`.
        package let keysFolder: String
        package let key: BackupKey
        package let rotation: Rotation

        package init(dataFolder: String, backupFolder: String, keysFolder: String, key: BackupKey, rotation: Rotation) {
            self.dataFolder = dataFolder
            self.backupFolder = backupFolder
            self.keysFolder = keysFolder
            self.key = key
            self.rotation = rotation
        }
    }

    /// The newest keys' file: write it after an epoch's key was destroyed, and after keys were rewrapped.
    package nonisolated let bundle: KeyBundle
    /// For the age of the newest snapshot.
    package nonisolated let folder: BackupFolder
    private let data: DiskFolder
    private let keys: DiskFolder
    private let maker: BackupMaker
    private let drill: Drill
    private var isBusy = false
    private var isStopped = false
    /// Ends the job at work.
    private var cancel: (@Sendable () -> Void)?
    private let store: FaxStore
    private let clock: @Sendable () -> Timestamp

    /// Removes what an interrupted backup or drill left in the data folder. ``prepare()`` comes next.
    /// - Parameters:
    ///   - key: the key-encryption key with which the server runs, and former ones; for drills.
    /// - Throws: ``BackupFailure``.
    package init(
        _ plan: Plan, store: FaxStore, key: KeyEncryptionKey, retired: [KeyEncryptionKey] = [], clock: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) async throws {
        try await self.init(plan, store: store, key: key, retired: retired, clock: clock, logger: logger, calls: .system) { _ in }
    }

    /// - Parameter probe: called at each point of a backup; what it throws ends the backup there.
    init(
        _ plan: Plan, store: FaxStore, key: KeyEncryptionKey, retired: [KeyEncryptionKey] = [], clock: @escaping @Sendable () -> Timestamp,
        logger: Logger, calls: FileCalls, probe: @escaping @Sendable (BackupPoint) throws -> Void
    ) async throws {
        let data = DiskFolder(plan.dataFolder)
        let folder = BackupFolder(plan.backupFolder, calls: calls)
        let keys = DiskFolder(plan.keysFolder, calls: calls)
        let bundle = KeyBundle(folder: keys, key: plan.key, store: store, clock: clock)
        self.folder = folder
        self.bundle = bundle
        maker = BackupMaker(
            store: store, data: data, folder: folder, bundle: bundle, key: plan.key, rotation: plan.rotation, clock: clock, logger: logger,
            probe: probe)
        drill = Drill(
            store: store, data: data, folder: folder, keysFolder: plan.keysFolder, backupKey: plan.key, key: key, retired: retired,
            clock: clock)
        self.data = data
        self.store = store
        self.clock = clock
        self.keys = keys
        try await BackupThreads.run {
            try BackupMaker.sweep(data)
            Drill.sweep(data)
        }
    }

    /// Makes the folders if they are not there, checks that they are apart, and writes the key bundle if it is not the newest. Call it at
    /// the start; each job does it again, so that a volume may come back.
    /// - Throws: ``BackupFailure``, or the errors of the store.
    package func prepare() async throws {
        try await BackupThreads.run { [folder, keys, data] in
            try DiskFolder(folder.path).make()
            try keys.make()
            try BackupFolder.requireApart([data.path, folder.path, keys.path])
        }
        try await bundle.writeIfStale()
    }

    /// Makes a backup; durable and recorded when this returns.
    /// - Throws: ``BackupFailure``, or the errors of the store.
    package func makeBackup(by initiator: Initiator) async throws -> BackupReport {
        try await alone { [maker, folder] in
            try await folder.locked { try await maker.make(by: initiator) }
        }
    }

    /// Restores the newest snapshot to an empty folder, opens every document, and removes the folder.
    /// - Throws: ``BackupFailure/busy``, or the errors of the store; what differs is in the report.
    package func drill(by initiator: Initiator) async throws -> DrillReport {
        try await alone { [drill, folder] in
            try await folder.locked { try await drill.run(by: initiator) }
        }
    }

    /// Whether a backup is due by the clock, or because no snapshot can be restored since the ledger's key was changed.
    /// - Parameter interval: between two backups; nil for none by the clock.
    /// - Throws: the errors of the store.
    package func isDue(every interval: Duration?) async throws -> Bool {
        if try await store.isBackupOfFormerLedgerKey() { return true }
        guard let interval else { return false }
        // A folder that cannot be read: the backup says why.
        guard let newest = try? await BackupThreads.run({ [folder] in try folder.newest() }) else { return true }
        return newest.time.advanced(by: interval) <= clock()
    }

    /// Ends the job at work, by `CancellationError`, and begins no other: the server stops, and its calls must not wait for a backup.
    package func stop() {
        isStopped = true
        cancel?()
    }

    private func alone<Value: Sendable>(_ job: @escaping @Sendable @concurrent () async throws -> Value) async throws -> Value {
        guard !isBusy else { throw BackupFailure.busy }
        guard !isStopped else { throw CancellationError() }
        isBusy = true
        let task = Task {
            try await prepare()
            return try await job()
        }
        cancel = { task.cancel() }
        defer {
            isBusy = false
            cancel = nil
        }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
