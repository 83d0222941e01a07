import Glibc
import Subprocess
import Synchronization
import SystemPackage
import Testing

/// A real `faxlock serve` on a data folder of its own, started, stopped and killed as an operator or a power cut would.
///
/// It leads a session of its own, so that everything it starts can be found and ended.
final class ServerProcess: Sendable {
    /// The only key.
    static let key = "test-key-for-loopback-only"
    static let senderName = "Quillfeather Test Clinic"
    static let senderNumber = "+15551230199"
    /// Slow enough for something to happen in mid-call: a page takes some seconds.
    static let paced = ["FAXLOCK_LOOPBACK_UNPACED": "false"]

    let id: Int32
    let folder: String
    let dataFolder: String
    let client: GatewayClient
    private let ending: Task<TerminationStatus, any Error>
    /// Whether the process was waited for: from then on its number may be another's.
    private let isReaped: Flag

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    var log: String { (try? String(decoding: TemporaryFolder.read(folder + "/server.log"), as: UTF8.self)) ?? "" }

    /// Runs `body` with a server on `folder/data` or another `data` folder, and ends the server after it.
    static func with<Value>(
        _ folder: TemporaryFolder, data: String? = nil, settings: [String: String] = [:], _ body: (ServerProcess) async throws -> Value
    ) async throws -> Value {
        let server = try await start(folder, data: data, settings: settings)
        do {
            let value = try await body(server)
            try await server.kill()
            return value
        } catch {
            Issue.record("the server's log ends so: \(server.log.suffix(1500))")
            try await server.kill()
            throw error
        }
    }

    /// Runs `body` with a server on a new folder.
    static func with<Value>(
        settings: [String: String] = [:], _ body: (ServerProcess) async throws -> Value
    ) async throws -> Value {
        try await TemporaryFolder.with { try await with($0, settings: settings, body) }
    }

    private static func environment(_ settings: [String: String]) -> [String: String] {
        let usual = [
            "API_KEY": key, "INBOUND_ENABLED": "true", "FAX_HEADER": senderName, "FAX_LOCAL_STATION_ID": senderNumber,
            "FAXLOCK_LOG_LEVEL": "debug",
            // Not where patients' records are sent.
            "FAXLOCK_RETRY_PERCENT": settings["FAXLOCK_PROFILE"] == "production" ? "100" : "1",
        ]
        return usual.merging(settings) { $1 }
    }

    /// Starts a server and waits until it listens. Whoever calls this ends the server.
    static func start(
        _ folder: TemporaryFolder, data: String? = nil, settings: [String: String] = [:], options arguments: [String] = []
    ) async throws -> ServerProcess {
        let data = data ?? "\(folder.path)/data"
        var variables: [Environment.Key: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        for (name, value) in environment(settings) { variables[Environment.Key(stringLiteral: name)] = value }
        let (output, log) = ("\(folder.path)/server.out", "\(folder.path)/server.log")
        let started = AsyncStream<Int32>.makeStream()
        let isReaped = Flag()
        let ending = Task { [variables] in
            defer {
                isReaped.set()
                started.continuation.finish()
            }
            var options = PlatformOptions()
            options.createSession = true
            return try await Subprocess.run(
                .path(FilePath(BuiltProducts.faxlock)), arguments: Arguments(["serve", "--port", "0", "--data", data] + arguments),
                environment: .custom(variables), platformOptions: options, input: .none,
                output: .fileDescriptor(try file(output, [.create, .truncate]), closeAfterSpawningProcess: true),
                error: .fileDescriptor(try file(log, [.create, .append]), closeAfterSpawningProcess: true)
            ) { execution in
                started.continuation.yield(execution.processIdentifier.value)
            }.terminationStatus
        }
        var id: Int32?
        for await value in started.stream {
            id = value
            break
        }
        guard let id else { throw DeadlineMissed(description: "the server could not be started: \(await ending.result)") }
        do {
            let url = try await eventually("the server listens", every: .milliseconds(10)) {
                let lines = String(decoding: try TemporaryFolder.read(output), as: UTF8.self).split(separator: "\n")
                if let line = lines.first(where: { $0.hasPrefix("Faxlock 0.1.0 listens on ") }) {
                    return String(line.dropFirst("Faxlock 0.1.0 listens on ".count))
                }
                if isReaped.isSet { throw DeadlineMissed(description: "the server ended instead of listening") }
                return nil
            }
            let client = GatewayClient(url: url, key: key)
            return ServerProcess(
                id: id, folder: folder.path, dataFolder: data, client: client, ending: ending, isReaped: isReaped)
        } catch {
            if !isReaped.isSet { Glibc.kill(id, SIGKILL) }
            let text = (try? TemporaryFolder.read(log)) ?? []
            throw DeadlineMissed(description: "\(error): \(String(decoding: text.suffix(1500), as: UTF8.self))")
        }
    }

    private static func file(_ path: String, _ options: FileDescriptor.OpenOptions) throws -> FileDescriptor {
        try FileDescriptor.open(path, .writeOnly, options: options, permissions: .ownerReadWrite)
    }

    private init(
        id: Int32, folder: String, dataFolder: String, client: GatewayClient, ending: Task<TerminationStatus, any Error>,
        isReaped: Flag
    ) {
        self.id = id
        self.folder = folder
        self.dataFolder = dataFolder
        self.client = client
        self.ending = ending
        self.isReaped = isReaped
    }

    /// SIGTERM; gives how the process ended.
    @discardableResult
    func terminate() async throws -> TerminationStatus {
        try await end(SIGTERM)
    }

    /// SIGKILL, and then all that the server had started.
    func kill() async throws {
        try await end(SIGKILL)
        for process in ProcessTable.members(ofSession: id) { Glibc.kill(process.id, SIGKILL) }
    }

    /// SIGKILL to the server alone: what becomes of its workers is their own affair.
    func killAlone() async throws {
        try await end(SIGKILL)
    }

    @discardableResult
    private func end(_ signal: Int32) async throws -> TerminationStatus {
        if !isReaped.isSet { Glibc.kill(id, signal) }
        return try await ending.value
    }

    /// Processes that the server started and that live.
    var workers: [ProcessTable.Entry] { ProcessTable.members(ofSession: id) }
}
