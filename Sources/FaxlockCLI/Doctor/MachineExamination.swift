import Backends
import Doctor
import FaxModel
import Glibc
import SIP
import ServerSettings

/// Looks at the files and the process of a server on this machine.
struct MachineExamination: Sendable {
    let server: Seen<ServerFacts>
    let settings: Settings
    let options: Examination.Options

    struct Report: Sendable {
        var places: [Facts.Place: Seen<FilePlace>]
        var plaintext: Seen<PlaintextScan.Report>
        var openFiles: Seen<[String]>
        var coreLimit: Seen<CoreLimit>
        var sockets: Seen<[BoundSocket]>
        var secretsInEnvironment: Seen<[String]>
        var trunks: Seen<[Facts.Trunk]>?
        var logs: Seen<LogScan.Report>?
    }

    private static let elsewhere = "the doctor does not run on the server's machine"

    /// Blocks while it reads.
    func run() -> Report {
        let logs = options.logs.isEmpty ? nil : LogScan.run(options.logs)
        switch process {
        case .value(let facts):
            let probe = ProcessProbe(id: facts.process.id)
            let secrets = Set((Settings.table + Settings.unusedTable).filter(\.isSecret).map(\.name))
            let data = absolute(settings.dataFolder)
            return Report(
                places: places, plaintext: .value(scan(data, facts)), openFiles: OpenFiles.find(in: data), coreLimit: probe.coreLimit,
                sockets: probe.sockets, secretsInEnvironment: probe.environment(having: secrets),
                trunks: trunksFile.map { trunks(in: $0) }, logs: logs)
        case .unknown(let why):
            return Report(
                places: Dictionary(uniqueKeysWithValues: places.keys.map { ($0, .unknown(why)) }), plaintext: .unknown(why),
                openFiles: .unknown(why), coreLimit: .unknown(why), sockets: .unknown(why), secretsInEnvironment: .unknown(why),
                trunks: trunksFile.map { _ in .unknown(why) }, logs: logs)
        }
    }

    /// Nil where the server has no trunks of its own.
    private var trunksFile: String? { settings.backends.contains(.line) ? settings.trunksFile : nil }

    private func trunks(in file: String) -> Seen<[Facts.Trunk]> {
        do throws(TrunkFileError) {
            return .value(
                try TrunkFile.read(absolute(file)).map { trunk in
                    let transport: Facts.Trunk.Transport =
                        switch trunk.server.transport {
                        case .tls?: .tls
                        case .tcp?: .tcp
                        case .udp?, nil: .udp
                        }
                    return Facts.Trunk(
                        name: trunk.name, transport: transport, requiresMediaEncryption: trunk.media.isEncrypted, port: trunk.bindPort)
                })
        } catch {
            return .unknown("\(error)")
        }
    }

    /// What the server says of itself, if it runs here: process numbers and paths mean nothing elsewhere.
    private var process: Seen<ServerFacts> {
        guard case .value(let facts) = server else { return server }
        let isHere =
            facts.process.boot_id == ProcessProbe.bootID && ProcessProbe(id: facts.process.id).startedTicks == facts.process.started_ticks
        return isHere ? .value(facts) : .unknown(Self.elsewhere)
    }

    private func scan(_ data: String, _ facts: ServerFacts) -> PlaintextScan.Report {
        PlaintextScan.run(
            data: data, temporaries: options.temporaries, root: "/proc/\(facts.process.id)/root", user: facts.process.user,
            since: Timestamp(iso8601: facts.process.started_at) ?? Timestamp(milliseconds: 0), limit: options.scanLimit)
    }

    private var places: [Facts.Place: Seen<FilePlace>] {
        var paths: [Facts.Place: String] = [.dataFolder: settings.dataFolder, .keyFile: settings.keyFile]
        if case .value(let facts) = server, let path = facts.key_file { paths[.keyFile] = path }
        paths[.anchorFile] = settings.auditAnchorFile
        paths[.backupFolder] = settings.backupFolder
        paths[.backupKeyFile] = settings.backupKeyFile
        paths[.backupKeysFolder] = settings.backupKeysFolder
        return paths.mapValues { path in
            let path = absolute(path)
            return FilePlace(path: path).map { .value($0) } ?? .unknown("\(path): \(String(cString: strerror(errno)))")
        }
    }

    /// The server's own folder goes before a relative path.
    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), case .value(let facts) = server else { return path }
        return facts.process.folder + "/" + path
    }
}
