import Foundation
import Subprocess
import SystemPackage

/// A program that is run to its end, as a person would at a prompt.
struct Command {
    let output: String
    let complaints: String
    /// The exit status; nil after a signal.
    let status: Int32?

    /// Runs `faxlock` with these arguments and nothing in its environment but `environment`.
    static func faxlock(_ arguments: String..., environment: [String: String] = [:]) async throws -> Command {
        try await run(BuiltProducts.faxlock, arguments, environment: environment)
    }

    /// Runs `executable`; it is killed when `limit` is over.
    static func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], limit: Duration = .seconds(90)
    ) async throws -> Command {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        var variables: [Environment.Key: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
        for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
        let (settings, platform) = (Environment.custom(variables), options)
        let program = Executable.path(FilePath(executable))
        return try await withThrowingTaskGroup(of: Command.self) { group in
            group.addTask {
                let result = try await Subprocess.run(
                    program, arguments: Arguments(arguments), environment: settings, platformOptions: platform,
                    output: .string(limit: 64 << 20), error: .string(limit: 1 << 20))
                var status: Int32?
                if case .exited(let code) = result.terminationStatus { status = code }
                return Command(output: result.standardOutput, complaints: result.standardError, status: status)
            }
            group.addTask {
                try await Task.sleep(for: limit)
                throw DeadlineMissed(description: "\(executable) did not end within \(limit)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    /// The path of a program, or nil if this machine does not have it.
    static func find(_ name: String) -> String? {
        ["/usr/local/bin", "/usr/bin", "/bin"].map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
