import FoundationEssentials
import Subprocess
import SystemPackage

/// A checker that this machine may have, and what it said when it was run to its end.
struct Program {
    /// Name of the program, for the reasons of tests that are left out.
    let name: String

    static let curl = Program(name: "curl")
    static let nginx = Program(name: "nginx")
    static let openssl = Program(name: "openssl")
    static let shell = Program(name: "sh")

    /// Where it is, or nil if it is not installed.
    var path: String? {
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    var isInstalled: Bool { path != nil }

    /// What it printed, and how it ended.
    struct Result {
        let output: String
        let complaints: String
        /// The exit status; nil after a signal.
        let status: Int32?

        /// Both, for checkers that complain on either.
        var text: String { output + complaints }
    }

    /// Runs it; a test's time limit cancels the task, which kills it.
    /// - Parameter environment: all that it gets beside PATH and the locale.
    func run(_ arguments: [String], environment: [String: String] = [:], input: String = "") async throws -> Result {
        guard let path else { throw NotInstalled(name: name) }
        var variables: [Environment.Key: String] = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"]
        for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: .custom(variables), input: .string(input),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        var status: Int32?
        if case .exited(let code) = result.terminationStatus { status = code }
        return Result(output: result.standardOutput, complaints: result.standardError, status: status)
    }

    struct NotInstalled: Error { let name: String }
}
