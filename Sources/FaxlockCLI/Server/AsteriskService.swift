import Backends
import Doctor
import FaxDispatch
import Gateway
import Glibc
import Logging
import NIOPosix
import ServerSettings
import ServiceLifecycle
import Store
import Workers

/// An Asterisk as the line (`FAX_BACKEND=sip`): the connection to its manager interface, and the faxes that it received.
final class AsteriskService: CallLine {
    /// How often it is looked for received faxes of which the server was not told.
    private static let interval = Duration.seconds(60)

    let routes: [Route]
    /// For the route by which Asterisk tells of received faxes; nil while receiving is off.
    let intake: AsteriskIntake?
    private let manager: ManagerClient
    private let spool: CallSpool
    private let logger: Logger

    /// - Parameter inbox: where received faxes go.
    /// - Throws: ``Server/Refusal`` for settings that are missing or unsafe, in every profile, and for a spool that is no place for pages.
    init(settings: Settings, workers: WorkerExecutables, documents: Documents, inbox: any Inbox, logger: Logger) async throws {
        let password = try Self.secret("ASTERISK_AMI_PASSWORD", settings.asteriskPassword, isNeeded: true)
        let inbound = try Self.secret("ASTERISK_INBOUND_SECRET", settings.asteriskInboundSecret, isNeeded: settings.isInboundEnabled)
        let group = MultiThreadedEventLoopGroup.singleton
        var connection = ManagerClient.Configuration(
            host: settings.asteriskHost, port: settings.asteriskPort, username: settings.asteriskUser, secret: password?.value ?? "",
            tls: nil)
        if settings.asteriskTLS {
            connection.tls = ManagerTLS(authorities: settings.asteriskAuthority, serverName: settings.asteriskHost)
        }
        self.logger = logger
        manager = ManagerClient(configuration: connection, group: group, logger: logger)
        let isProduction = settings.profile == .production
        let (out, incoming) = try await NIOThreadPool.singleton.runIfActive { [path = settings.asteriskSpool] in
            (try Self.folder(path + "/out", isProduction), try Self.folder(path + "/in", isProduction))
        }
        spool = CallSpool(out: out, incoming: incoming, path: settings.asteriskSpoolPath + "/out")
        try await NIOThreadPool.singleton.runIfActive { [spool] in try spool.sweep() }
        var configuration = AsteriskLine.Configuration(dial: settings.asteriskDial, stationIdentifier: settings.localStationID ?? "")
        configuration.errorCorrection = settings.asteriskECM
        configuration.audioFallback = settings.asteriskAudioFallback
        let backend = AsteriskLine(manager: manager, spool: spool, configuration: configuration)
        routes = [Route(name: "asterisk", backend: backend, maximumCalls: settings.lines, isUp: { [manager] in await manager.isUp })]
        guard settings.isInboundEnabled, let inbound else {
            intake = nil
            return
        }
        let reader = TIFFPageReader(executable: workers.line, group: group)
        intake = AsteriskIntake(
            secret: inbound,
            spool: InboundSpool(
                folder: incoming, path: settings.asteriskSpoolPath + "/in", inbox: inbox,
                reader: { image, page in try await reader.read(image, page: page) },
                find: { [store = documents.store] reference in
                    try await store.inboundFax(reference: reference, backend: "sip").map { .init(id: $0.id, pages: $0.pages) }
                }, logger: logger))
    }

    /// - Throws: ``Server/Refusal`` for secrets that are missing or weak.
    static func check(_ settings: Settings) throws {
        _ = try secret("ASTERISK_AMI_PASSWORD", settings.asteriskPassword, isNeeded: true)
        _ = try secret("ASTERISK_INBOUND_SECRET", settings.asteriskInboundSecret, isNeeded: settings.isInboundEnabled)
    }

    /// Whether calls can be made.
    var isUp: Bool { get async { await manager.isUp } }

    func run() async throws {
        // Stopped after the dispatcher: no call of ours is left then.
        await cancelWhenGracefulShutdown { [manager, intake, spool, logger] in
            await withDiscardingTaskGroup { group in
                group.addTask { await manager.run() }
                while !Task.isCancelled {
                    await intake?.sweep()
                    do {
                        try await NIOThreadPool.singleton.runIfActive { try spool.removeOldRecords() }
                    } catch {
                        logger.warning("old records of calls were not removed from the spool", metadata: ["error": "\(error)"])
                    }
                    try? await Task.sleep(for: Self.interval)
                }
            }
        }
    }

    private static func secret(_ name: String, _ secret: Secret?, isNeeded: Bool) throws -> Secret? {
        guard let secret else {
            guard isNeeded else { return nil }
            throw Server.Refusal(message: "The backend sip needs \(name); there is no default (openssl rand -hex 32).")
        }
        if let reason = WeakSecret.reason(secret.value) {
            throw Server.Refusal(message: "\(name) is weak: \(reason). Make one with openssl rand -hex 32, here and in Asterisk's files.")
        }
        return secret
    }

    /// A folder of the spool, made if only that is missing.
    private static func folder(_ path: String, _ isProduction: Bool) throws -> SpoolFolder {
        // Who may use it beside the owner is said by the folder above, or by who made it before (docs/asterisk.md).
        if mkdir(path, 0o770) != 0, errno != EEXIST {
            throw Server.Refusal(
                message:
                    "The spool folder \(path) cannot be made: \(String(cString: strerror(errno))). See ASTERISK_SPOOL_DIR in docs/asterisk.md."
            )
        }
        if isProduction, let place = FilePlace(path: path) {
            guard place.isVolatile else {
                throw Server.Refusal(
                    message: "ASTERISK_SPOOL_DIR holds page images in the clear, and \(path) is on a disk. Put it on a tmpfs (/run).")
            }
            guard place.mode & 0o007 == 0 else {
                throw Server.Refusal(message: "\(path) holds page images and is open to everybody on this machine. chmod o= \(path)")
            }
        }
        do {
            return try SpoolFolder(path: path)
        } catch let failure as SpoolFolder.Failure {
            throw Server.Refusal(message: "ASTERISK_SPOOL_DIR: \(failure).")
        }
    }
}
