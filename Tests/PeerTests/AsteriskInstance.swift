import Foundation
import Glibc
import Subprocess
import Synchronization
import SystemPackage
import Testing

/// One Asterisk that `scripts/asterisk-peer.sh` runs. It has a loopback address of its own.
struct AsteriskInstance: Sendable {
    let name: String
    let address: String
    /// As seen from outside of its root folder.
    let folder: String

    private static let script = BuiltProducts.repository + "/scripts/asterisk-peer.sh"
    /// Where the script looks for its cache, as in the environment of the tests.
    private static let environment = ProcessInfo.processInfo.environment.filter {
        ["HOME", "XDG_CACHE_HOME", "PEER_CACHE", "PEER_SUITES"].contains($0.key)
    }

    /// Runs `body` with an Asterisk, and ends that after it.
    /// - Parameters:
    ///   - endpoints: lines for the script.
    ///   - options: further keys of the script.
    static func with(
        _ name: String, address: String, endpoints: [String], options: [String] = [], _ body: (AsteriskInstance) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { scratch in
            let file = try scratch.write(Array((endpoints.joined(separator: "\n") + "\n").utf8), to: "endpoints")
            // The script ends Asterisk when this end is closed, also because this process is no more: no child inherits it.
            let (input, lifeline) = try FileDescriptor.pipe()
            try #require(fcntl(lifeline.rawValue, F_SETFD, FD_CLOEXEC) == 0)
            let output = scratch.path + "/output"
            let isOver = Flag()
            let ending = Task {
                defer { isOver.set() }
                let log = try FileDescriptor.open(output, .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
                defer { try? log.close() }
                return try await Subprocess.run(
                    .path(FilePath(script)), arguments: Arguments(["run", name, "address=\(address)", "endpoints=\(file)"] + options),
                    input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                    output: .fileDescriptor(log, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(log, closeAfterSpawningProcess: false)
                ).terminationStatus
            }
            do {
                let folder = try await eventually("Asterisk is ready", within: .seconds(90)) {
                    let text = String(decoding: (try? TemporaryFolder.read(output)) ?? [], as: UTF8.self)
                    if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ready ") }) { return String(line.dropFirst(6)) }
                    if isOver.isSet { throw DeadlineMissed(description: "Asterisk did not start: \(text.suffix(1500))") }
                    return nil
                }
                try await body(AsteriskInstance(name: name, address: address, folder: folder))
                try lifeline.close()
            } catch {
                try? lifeline.close()
                _ = await ending.result
                throw error
            }
            _ = try await ending.value
        }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    /// Asks it at its prompt.
    func ask(_ command: String) async throws -> String {
        let result = try await Command.run(Self.script, ["cli", name, command], environment: Self.environment)
        try #require(result.status == 0, "\(command): \(result.output)\(result.complaints)")
        return result.output
    }
}
