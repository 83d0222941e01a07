import Backends
import Doctor
import FaxDispatch
import Gateway
import Logging
import SIP
import ServerSettings
import ServiceLifecycle
import Store
import Workers

/// The lines of the server, the preferred one first (`FAX_BACKEND`, `FAXLOCK_FAILOVER_BACKEND`).
///
/// A class: ServiceLifecycle's debug messages show a structure with all that is in it.
final class CallLines: Service {
    /// All ways out, the preferred one first; at least one.
    let routes: [Route]
    private let lines: [any CallLine]

    /// - Throws: ``Server/Refusal`` for settings with which a line cannot be used.
    init(settings: Settings, workers: WorkerExecutables, documents: Documents, inbox: StoredInbox, logger: Logger) async throws {
        var lines: [any CallLine] = []
        for backend in settings.backends {
            let inbox = inbox.receiving(by: backend.rawValue)
            do {
                if backend == .sip {
                    lines.append(
                        try await AsteriskService(settings: settings, workers: workers, documents: documents, inbox: inbox, logger: logger))
                } else {
                    lines.append(try await Line(settings: settings, workers: workers, inbox: inbox, logger: logger))
                }
            } catch let error as TrunkFileError {
                throw Server.Refusal(message: "\(error)")
            } catch let failure as TrunkFailure {
                throw Server.Refusal(message: "\(failure)")
            }
        }
        self.lines = lines
        routes = lines.flatMap(\.routes)
    }

    /// What can be seen to be wrong before anything is made on disk.
    /// - Throws: ``Server/Refusal``.
    static func check(_ settings: Settings) throws {
        if let provider = settings.backends.first(where: { $0.associate != nil }) {
            let name = provider == settings.backend ? "FAX_BACKEND" : "FAXLOCK_FAILOVER_BACKEND"
            throw Server.Refusal(
                message: "\(name)=\(provider.rawValue) cannot be started by this version; use \(name)=line, or sip for Asterisk.")
        }
        if settings.failoverBackend == settings.backend {
            throw Server.Refusal(
                message: "FAXLOCK_FAILOVER_BACKEND names the same as FAX_BACKEND (\(settings.backend.rawValue)): name another, or none.")
        }
        if settings.backends.contains(.line) { try checkLine(settings) }
        if settings.backends.contains(.sip) { try AsteriskService.check(settings) }
    }

    private static func checkLine(_ settings: Settings) throws {
        if let file = settings.trunksFile {
            do throws(TrunkFileError) {
                _ = try TrunkFile.read(file)
            } catch {
                throw Server.Refusal(message: "\(error)")
            }
        } else if settings.backends.count > 1 {
            throw Server.Refusal(
                message: "A line beside another backend needs trunks (FAXLOCK_TRUNKS_FILE): "
                    + "the exchange inside would answer in their place.")
        } else if !settings.hasLoopbackExchange {
            throw Server.Refusal(
                message: "The line has nowhere to call: name trunks (FAXLOCK_TRUNKS_FILE), or allow the exchange inside "
                    + "(FAXLOCK_LOOPBACK_EXCHANGE=true).")
        }
    }

    /// Whether calls can be made.
    var isUp: Bool {
        get async {
            for line in lines where await line.isUp { return true }
            return false
        }
    }

    /// Takes faxes that another program received, and is told of by a request; nil where there is none.
    var intake: AsteriskIntake? { lines.lazy.compactMap(\.intake).first }

    func run() async throws {
        try await withThrowingTaskGroup { group in
            for line in lines { group.addTask { try await line.run() } }
            try await group.waitForAll()
        }
    }
}
