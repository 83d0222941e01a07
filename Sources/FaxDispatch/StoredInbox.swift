package import Backends
package import FaxModel
package import Logging
package import Store
import Vault
import WorkerProtocol

/// Received faxes go into the vault page by page, and into the database when the call has ended.
package struct StoredInbox: Inbox {
    private let documents: Documents
    private let backend: String
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let pause: @Sendable () async throws -> Void

    /// - Parameter pause: waits a moment before the database is tried again.
    package init(
        documents: Documents, backend: String, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(5)) }
    ) {
        self.documents = documents
        self.backend = backend
        self.clock = clock
        self.logger = logger
        self.pause = pause
    }

    package func begin(_ call: InboundCall) async throws -> any Reception {
        StoredReception(
            call: call, documents: documents, backend: backend, clock: clock, logger: logger, pause: pause,
            file: TIFFDocument(try await documents.create(.received)))
    }
}

/// One fax on its way in.
private actor StoredReception: Reception {
    private let call: InboundCall
    private let documents: Documents
    private let backend: String
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let pause: @Sendable () async throws -> Void
    private let createdAt: Timestamp
    private let file: TIFFDocument
    private var pages = 0

    init(
        call: InboundCall, documents: Documents, backend: String, clock: @escaping @Sendable () -> Timestamp,
        logger: Logger, pause: @escaping @Sendable () async throws -> Void, file: TIFFDocument
    ) {
        self.call = call
        self.documents = documents
        self.backend = backend
        self.clock = clock
        self.logger = logger
        self.pause = pause
        createdAt = clock()
        self.file = file
    }

    func append(_ page: FaxPage) async throws {
        try await file.append(page)
        pages += 1
    }

    func finish(_ end: CallEnd) async throws {
        try await close(status: end.code == 0 ? "received" : "partial", end)
    }

    func breakOff() async throws {
        let end = CallEnd(code: -1, meaning: "", pages: pages, remoteIdentifier: "", bitRate: 0, errorCorrection: false)
        try await close(status: "partial", end)
    }

    private func close(status: String, _ end: CallEnd) async throws {
        guard pages > 0 else { return await file.abort() }
        let stored = try await file.finish()
        var generator = SystemRandomNumberGenerator()
        let now = clock()
        let id = FaxID(now: now, using: &generator)
        func fax(in mailbox: String) -> InboundRecord {
            InboundRecord(
                id: id, mailbox: mailbox, status: status, backend: backend, reference: call.reference, to: call.to,
                from: call.from, remoteIdentifier: end.remoteIdentifier, pages: pages, document: stored.id, bitRate: end.bitRate,
                errorCorrection: end.errorCorrection, createdAt: createdAt, receivedAt: now)
        }
        // The sender's machine was told that these pages arrived: they are not given up because the database is full for a moment.
        while true {
            do {
                let mailbox = try await documents.store.mailbox(ofNumber: call.to)
                return try await documents.store.receive(fax(in: mailbox), document: stored)
            } catch {
                logger.error("a received fax cannot be recorded yet", metadata: ["fax": "\(id)", "error": "\(error)"])
                try await pause()
            }
        }
    }
}
