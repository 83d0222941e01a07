import Doctor
import FaxModel
import FoundationEssentials
import NIOHTTP1
import NIOPosix
import ServerSettings

/// Goes round a server and gathers the facts that the doctor judges. What cannot be seen is said; nothing is taken for granted.
struct Examination {
    /// What the person at the prompt asked for.
    struct Options: Sendable {
        var profile: DoctorProfile?
        /// Files of log lines.
        var logs: [String]
        /// Folders in which the server may have left something.
        var temporaries: [String]
        /// Bytes of files that are read whole.
        var scanLimit: Int
        /// The operator's copy of the ledger's key.
        var ledgerKey: String?
    }

    let client: APIClient
    let options: Options
    /// Those of this command, for a server that does not answer.
    let localSettings: Settings

    func facts() async throws -> Facts {
        let now = SystemClock.now()
        let server = try await serverFacts()
        let settings = try settings(of: server)
        let isReady = await readiness()
        let statusWithoutKey = await status { try await client.probe(.get, "/fax?limit=1", key: "") }
        let disabledKey = await disabledKey(now: now)
        let forgedCallbacks = await forgedCallbacks()
        let (tls, strictTransport) = await transport(settings, server, now: now)
        let ledger = await LedgerExamination(client: client, trustedKey: options.ledgerKey, anchor: settings.auditAnchorFile).run()
        let machine = MachineExamination(server: server, settings: settings, options: options)
        // Files and /proc are read on a thread that may block, and the export is gone by then.
        let seen = try await NIOThreadPool.singleton.runIfActive { machine.run() }
        return Facts(
            now: now, profile: options.profile ?? (settings.profile == .production ? .hipaa : .dev), settings: settings, isReady: isReady,
            server: server, tls: tls, strictTransport: strictTransport, statusWithoutKey: statusWithoutKey, disabledKey: disabledKey,
            forgedCallbacks: forgedCallbacks, places: seen.places, plaintext: seen.plaintext, openFiles: seen.openFiles, ledger: ledger,
            coreLimit: seen.coreLimit, sockets: seen.sockets, secretsInEnvironment: seen.secretsInEnvironment,
            trunks: seen.trunks,
            isClockSynchronised: SystemClock.isSynchronised.map { .value($0) } ?? .unknown("the kernel does not say it here"),
            logs: seen.logs)
    }

    /// - Throws: ``CommandFailure`` when the server answers and does not take the key: then nothing can be examined.
    private func serverFacts() async throws -> Seen<ServerFacts> {
        let answer: (status: Int, headers: Any, body: [UInt8])
        do {
            answer = try await client.probe(.get, "/admin/doctor/facts")
        } catch {
            return .unknown("the server at \(client.base) cannot be reached (FAXLOCK_URL)")
        }
        switch answer.status {
        case 200:
            guard let facts = try? JSONDecoder().decode(ServerFacts.self, from: Data(answer.body)) else {
                throw CommandFailure(.server, "The answer of \(client.base) was not understood: is it a Faxlock server of this version?")
            }
            return .value(facts)
        case 401, 403:
            throw CommandFailure(
                .server,
                "The server refuses the key: FAXLOCK_API_KEY must be one with the scopes system:operate, audit:read and keys:manage.")
        default: return .unknown("the server at \(client.base) answered \(answer.status)")
        }
    }

    /// The running server's settings, from what it says of itself; this command's where it says nothing.
    private func settings(of server: Seen<ServerFacts>) throws -> Settings {
        guard case .value(let facts) = server else { return localSettings }
        var values: [String: String] = [:]
        for setting in facts.settings where !setting.is_secret && setting.name != "FAXLOCK_CONFIG" { values[setting.name] = setting.value }
        do {
            return try Settings.load(commandLine: values, environment: [:])
        } catch {
            throw CommandFailure(.server, "The settings of the server at \(client.base) were not understood: is it of this version?")
        }
    }

    private func readiness() async -> Seen<Bool> {
        switch await status({ try await client.probe(.get, "/health/ready", key: "") }) {
        case .value(200): .value(true)
        case .value(503): .value(false)
        case .value(let status): .unknown("\(client.base)/health/ready answered \(status)")
        case .unknown(let why): .unknown(why)
        }
    }

    private func status(_ body: () async throws -> (status: Int, headers: some Any, body: [UInt8])) async -> Seen<Int> {
        do {
            return .value(try await body().status)
        } catch {
            return .unknown("the server at \(client.base) cannot be reached (FAXLOCK_URL)")
        }
    }

    /// Makes a key, uses it, revokes it, and uses it again.
    private func disabledKey(now: Timestamp) async -> Seen<Facts.DisabledKey> {
        struct Wanted: Encodable {
            let name = "faxlock doctor"
            let scopes = ["system:operate"]
            let expires_at: String
        }
        struct Made: Decodable {
            let key_id: String
            let token: String
        }
        let path = "/admin/audit/sinks"
        do {
            // It ends by itself where the doctor is stopped in between.
            let wanted = try JSONEncoder().encode(Wanted(expires_at: now.advanced(by: .seconds(300)).description))
            let answer = try await client.probe(
                .post, "/admin/api-keys", headers: [("Content-Type", "application/json")], body: Array(wanted))
            guard (200..<300).contains(answer.status) else {
                return .unknown("no key could be made for it (\(answer.status)): FAXLOCK_API_KEY must have the scope keys:manage")
            }
            let made = try JSONDecoder().decode(Made.self, from: Data(answer.body))
            let before = try? await client.probe(.get, path, key: made.token).status
            let revoked = try await client.probe(.delete, "/admin/api-keys/\(PathSegment.encode(made.key_id))").status
            guard let before, revoked == 200 else { return .unknown("the key that was made for it could not be used or revoked") }
            return .value(Facts.DisabledKey(before: before, after: try await client.probe(.get, path, key: made.token).status))
        } catch {
            return .unknown("the server at \(client.base) cannot be reached (FAXLOCK_URL)")
        }
    }

    /// Callbacks of the contract, signed with nothing that could be good.
    private func forgedCallbacks() async -> Seen<[String: Int]> {
        let forged = [
            ("X-Phaxio-Signature", String(repeating: "0", count: 64)), ("X-Internal-Secret", "forged"),
            ("Authorization", "Basic Zm9yZ2VkOmZvcmdlZA=="), ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        var statuses: [String: Int] = [:]
        for path in ["/phaxio-callback", "/phaxio-inbound", "/sinch-inbound", "/_internal/asterisk/inbound"] {
            switch await status({
                try await client.probe(.post, path, key: "", headers: forged, body: Array("fax%5Bstatus%5D=success".utf8))
            }) {
            case .value(let status): statuses[path] = status
            case .unknown(let why): return .unknown(why)
            }
        }
        return .value(statuses)
    }

    /// Looks at where clients come in: what FAXLOCK_URL names if that is https, else the public address, else the server itself.
    private func transport(
        _ settings: Settings, _ server: Seen<ServerFacts>, now: Timestamp
    ) async -> (tls: Seen<Facts.TLS>?, strictTransport: Seen<String>) {
        var candidates = [client.base]
        if !HostName.isLoopback(HostName.host(ofURL: settings.publicURL)) { candidates.append(settings.publicURL) }
        if case .value(let facts) = server { candidates.append(facts.listening) }
        guard let url = candidates.first(where: { $0.hasPrefix("https://") }), let port = HostName.port(ofURL: url) else {
            return (nil, .unknown("nothing here speaks TLS"))
        }
        guard let configuration = try? APIClient.tls() else {
            return (.unknown("FAXLOCK_CA cannot be read"), .unknown("FAXLOCK_CA cannot be read"))
        }
        let tls = await TLSProbe(host: HostName.host(ofURL: url), port: port, client: configuration).run(now: now)
        do {
            let root = url.hasSuffix("/") ? String(url.dropLast()) : url
            return (
                tls, .value(try await client.probe(.get, root + "/health", key: "").headers.first(name: "Strict-Transport-Security") ?? "")
            )
        } catch {
            return (tls, .unknown("\(url)/health cannot be reached"))
        }
    }
}
