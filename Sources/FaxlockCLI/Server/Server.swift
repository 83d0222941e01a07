import Backends
import FaxDispatch
import FaxModel
import Gateway
import Glibc
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import SIP
import ServerSettings
import ServiceLifecycle
import Store
import Synchronization
import UnixSignals
import Vault
import Workers

/// The whole gateway in one process: composition only.
struct Server {
    /// Why the server does not start with these settings.
    struct Refusal: Error {
        let message: String
    }

    /// How long calls may go on after SIGTERM before they are ended; the fax then goes on from its first unconfirmed page.
    private static let callGrace = Duration.seconds(25)

    let settings: Settings

    /// Runs until SIGTERM or SIGINT.
    func run() async throws {
        // Files are for their owner alone, also those that SQLite makes.
        _ = umask(0o077)
        ProcessHardening.apply()
        guard settings.backend == .line else {
            throw Refusal(message: "FAX_BACKEND=\(settings.backend.rawValue) cannot be started by this version; use FAX_BACKEND=line.")
        }
        guard settings.hasLoopbackExchange else {
            throw Refusal(
                message: "The line has nowhere to call: this version only knows the loopback exchange (FAXLOCK_LOOPBACK_EXCHANGE=true).")
        }
        var logger = Logger(label: "faxlock") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info

        let workers = try WorkerExecutables()
        let folder = try DataFolder(path: settings.dataFolder)
        let keyFile = try KeyFile(path: settings.keyFile, folder: folder)
        if folder.isNew { print("Made the data folder \(settings.dataFolder).") }
        if keyFile.isNew {
            print("Made the key file \(settings.keyFile): without it nothing in the data folder can be read. Keep a copy apart.")
        }
        let store = try FaxStore(path: folder.database, key: keyFile.key, keyPath: settings.keyFile, clock: SystemClock.now)
        let documents = Documents(store: store, folder: try await BlobFolder.open(at: folder.blobs, tenant: .single))
        try await documents.removeTemporaries()
        let unknown = try await store.recoverAfterStop()
        if unknown > 0 {
            logger.warning("calls were cut by the last stop; their outcome is unknown", metadata: ["faxes": "\(unknown)"])
        }

        let line = try await Line(settings: settings, workers: workers, documents: documents, logger: logger)
        let dispatcher = try makeDispatcher(documents: documents, line: line, workers: workers, logger: logger)
        let keys = try await APIKeys(
            store: store, bootstrap: settings.apiKey?.value, isRequired: settings.requiresAPIKey, clock: SystemClock.now)
        if settings.requiresAPIKey, keys.isEmpty {
            let made = try await keys.create(
                name: "first key", owner: "operator", scopes: Set(Scope.allCases), expiresAt: nil, note: "made by the first start")
            print("Made the first API key, shown only now: \(made.token)")
            fflush(nil)
        }
        let application = makeApplication(keys: keys, documents: documents, dispatcher: dispatcher, line: line, logger: logger)
        let housekeeping = Housekeeping(documents: documents, keys: keys, start: SystemClock.now(), logger: logger)
        // Stopped in reverse: no more requests, then no more calls, then the line.
        let services: [any Service] = [line, DispatchService(dispatcher: dispatcher), housekeeping, application]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.callGrace + .seconds(15)
        try await ServiceGroup(configuration: configuration).run()
        try await keys.flushUses()
        try store.close()
    }

    private func makeDispatcher(
        documents: Documents, line: Line, workers: WorkerExecutables, logger: Logger
    ) throws -> Dispatcher {
        let header: HeaderText
        do {
            header = try HeaderText(
                sender: settings.headerName ?? "", number: settings.localStationID ?? "", timeZone: settings.timeZone)
        } catch {
            throw Refusal(message: error.description)
        }
        return Dispatcher(
            documents: documents,
            renderer: PageRenderer(executable: workers.page, group: MultiThreadedEventLoopGroup.singleton), backend: line.backend,
            header: header,
            limits: Dispatcher.Limits(
                renderers: settings.renderers, lines: settings.isFaxDisabled ? 0 : settings.lines, pages: settings.maximumPages,
                grace: Self.callGrace),
            clock: SystemClock.now, logger: logger)
    }

    private func makeApplication(
        keys: APIKeys, documents: Documents, dispatcher: Dispatcher, line: Line, logger: Logger
    ) -> some ApplicationProtocol {
        let intake = Intake(
            documents: documents, backend: settings.backend.rawValue, isDisabled: settings.isFaxDisabled,
            clock: SystemClock.now, wake: { dispatcher.wake() })
        let address = ListeningAddress(settings: settings)
        let router = GatewayRouter(
            keys: keys, documents: documents, intake: intake, settings: settings, checks: ["line": { line.isUp }],
            publicURL: { address.publicURL }, clock: SystemClock.now
        ).build()
        return Application(
            router: router, server: .gateway,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: "Faxlock"),
            onServerRunning: { channel in
                address.isBound(to: channel.localAddress?.port ?? settings.port)
                print("Faxlock \(Faxlock.version) listens on \(address.localURL)")
                fflush(nil)
            }, logger: logger)
    }
}
