import Access
import FaxDispatch
import FaxModel
import Foundation
import Gateway
import Hummingbird
import HummingbirdTesting
import Ledger
import ServerSettings
import Store
import Synchronization
import Testing
import Vault

/// A gateway with its real store, keys and blob folder in a temporary folder, and a clock that stands.
struct TestGateway: Sendable {
    static let bootstrapKey = "bootstrap-of-the-tests"

    let path: String
    let clock: TestClock
    let store: FaxStore
    let documents: Documents
    let keys: APIKeys
    let settings: Settings
    let logs: LogLines
    /// How often the dispatcher was woken.
    let wakes: Counter
    /// Faxes whose calls the dispatcher was told to end.
    let endedCalls: Calls
    let intake: Intake
    /// Beats of event streams; none where nobody makes it yield.
    let heartbeat = Pulse()

    final class Calls: Sendable {
        private let faxes = Mutex<[FaxID]>([])
        var all: [FaxID] { faxes.withLock { $0 } }
        func add(_ fax: FaxID) { faxes.withLock { $0.append(fax) } }
    }

    /// Waits that end when a test says so.
    final class Pulse: Sendable {
        private let stream: AsyncStream<Void>
        private let continuation: AsyncStream<Void>.Continuation

        init() { (stream, continuation) = AsyncStream.makeStream() }

        func beat() { continuation.yield() }

        func wait() async throws {
            for await _ in stream { return }
            throw CancellationError()
        }
    }

    final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }

    /// Makes a gateway, runs `body` and removes everything.
    ///
    /// - Parameters:
    ///   - environment: settings beside the bootstrap key.
    ///   - setup: `.router` for requests that go straight to the routes, `.live` for a server on the loopback.
    static func run(
        _ environment: [String: String] = [:], _ setup: TestingSetup = .router, calls: FileCalls = .system,
        checks: [String: @Sendable () async -> Bool] = [:], tokens: @Sendable (TestClock) throws -> BearerTokenVerifier? = { _ in nil },
        _ body: @Sendable (TestGateway, any TestClientProtocol) async throws -> Void
    ) async throws {
        let path = NSTemporaryDirectory() + "faxlock-gateway-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let gateway = try await TestGateway(path: path, environment: environment, calls: calls)
        let application = Application(
            router: gateway.router(keys: gateway.keys, checks: checks, tokens: try tokens(gateway.clock)).build(), server: .gateway,
            configuration: ApplicationConfiguration(serverName: "Faxlock"),
            logger: gateway.logs.logger())
        try await application.test(setup) { client in try await body(gateway, client) }
        // Some tests have closed it themselves.
        try? gateway.store.close()
    }

    private init(path: String, environment: [String: String], calls: FileCalls) async throws {
        let clock = TestClock()
        let wakes = Counter()
        let endedCalls = Calls()
        self.endedCalls = endedCalls
        self.path = path
        self.clock = clock
        self.wakes = wakes
        logs = LogLines()
        settings = try Settings.load(
            environment: [
                "API_KEY": Self.bootstrapKey, "INBOUND_ENABLED": "true",
                // The clock stands, and tests show many bad keys.
                "FAXLOCK_REFUSALS_PER_MINUTE": "100000",
            ].merging(environment) { $1 })
        store = try FaxStore(path: path + "/faxlock.db", key: KeyEncryptionKey(), keyPath: "test.key", clock: { clock.now })
        documents = Documents(
            store: store, folder: try await BlobFolder.open(at: path + "/blobs", tenant: .single, calls: calls))
        keys = try await APIKeys(
            store: store, bootstrap: settings.apiKey?.value, isRequired: settings.requiresAPIKey, clock: { clock.now })
        intake = Intake(
            documents: documents, backend: settings.backend.rawValue, isDisabled: settings.isFaxDisabled, clock: { clock.now },
            wake: { wakes.add() }, endCall: { endedCalls.add($0) })
    }

    func router(
        keys: APIKeys, checks: [String: @Sendable () async -> Bool] = [:], tokens: BearerTokenVerifier? = nil, intake: Intake? = nil,
        subject: DoctorSubject = DoctorSubject(), recipients: RecipientRules? = nil
    ) -> GatewayRouter {
        GatewayRouter(
            keys: keys, documents: documents, intake: intake ?? self.intake, settings: settings, tokens: tokens, checks: checks,
            retention: RetentionRunner(
                documents: documents,
                rules: RetentionRules(
                    retentionDays: settings.retentionDays, inboundRetentionDays: settings.inboundRetentionDays,
                    deletesOnSuccess: settings.deletesOnSuccess, hasZeroRetention: settings.hasZeroRetention),
                interval: .seconds(settings.cleanupMinutes * 60), clock: { [clock] in clock.now }, logger: logs.logger()),
            subject: subject, recipients: recipients, heartbeat: { [heartbeat] in try await heartbeat.wait() },
            publicURL: { "https://fax.example.org" }, clock: { [clock] in clock.now })
    }

    /// Runs `body` with the gateway as the next start of the server finds its database, without a bootstrap key.
    func afterRestart(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let keys = try await APIKeys(store: store, bootstrap: nil, isRequired: true, clock: { [clock] in clock.now })
        try await Application(router: router(keys: keys).build(), logger: logs.logger()).test(.router) { client in
            try await body(client)
        }
    }

    /// A key that may do this, and nothing else.
    func key(_ scopes: Scope..., expiresAt: Timestamp? = nil) async throws -> String {
        try await keys.create(name: "", owner: "", scopes: Set(scopes), expiresAt: expiresAt, note: "", by: .system).token
    }

    /// Files in the blob folder, unfinished ones too.
    func blobs() throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path + "/blobs")
        return names.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(path)/blobs/\(name)", isDirectory: &isFolder) && !isFolder.boolValue
        }
    }

    /// Nothing was taken in: no blob, no unfinished file, no row, nobody woken.
    func expectNothing(_ what: Comment = "", sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try blobs() == [], what, sourceLocation: sourceLocation)
        #expect(try await store.faxes(limit: 10).count == 0, what, sourceLocation: sourceLocation)
        #expect(wakes.count == 0, what, sourceLocation: sourceLocation)
    }
}
