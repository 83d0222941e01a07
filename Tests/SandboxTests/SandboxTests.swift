import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

/// The program that tries things from inside; the build puts it beside the tests.
private enum Probe {
    static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("sandbox-probe").path

    static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }
}

/// What a process in each sandbox can do, tried by one that is inside.
@Suite(.enabled(if: Probe.isBuilt, "the probe is not built")) struct SandboxTests {
    enum Outcome: Equatable, Sendable {
        case done
        case refused(Int32)
        case killed
    }

    private func attempt(_ thing: String, in sandbox: String) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(Probe.path)), arguments: [sandbox, thing], input: .none, output: .discarded, error: .discarded)
        switch result.terminationStatus {
        case .exited(0): return .done
        case .exited(let code):
            try #require(code < 200, "the sandbox could not be entered: this kernel lacks Landlock or seccomp (\(code))")
            return .refused(code)
        case .signaled: return .killed
        }
    }

    @Test(arguments: [
        ("read-secret", Outcome.refused(EACCES)), ("read-library", .refused(EACCES)), ("write-temporary", .refused(EACCES)),
        ("list-folder", .refused(EACCES)), ("network", .killed), ("local-socket", .killed), ("program", .killed),
        ("other-process", .refused(EPERM)), ("memory-file", .done), ("datagram", .done), ("signal-parent", .refused(EPERM)),
        ("signal-itself", .done), ("signal-by-descriptor", .refused(EPERM)), ("sync-record", .done), ("sync-other", .refused(EPERM)),
        ("x32", .killed),
    ])
    func aCallHasItsSocketAndItsPages(thing: String, outcome: Outcome) async throws {
        #expect(try await attempt(thing, in: "call") == outcome)
    }

    @Test(arguments: [
        ("read-secret", Outcome.refused(EACCES)), ("read-library", .done), ("write-temporary", .refused(EACCES)),
        ("list-folder", .refused(EACCES)), ("network", .refused(EPERM)), ("local-socket", .refused(EPERM)), ("program", .done),
        ("memory-file", .done), ("signal-child", .done), ("x32", .killed),
    ])
    func aDocumentHasProgramsAndFonts(thing: String, outcome: Outcome) async throws {
        #expect(try await attempt(thing, in: "document") == outcome)
    }

    /// Nothing but Landlock knows whose child a process is.
    @Test(
        .enabled("the kernel's Landlock knows no signals (Linux before 6.12)") { try await keepsSignalsIn() },
        arguments: ["other-process", "signal-parent"])
    func aDocumentSignalsNobodyElse(thing: String) async throws {
        #expect(try await attempt(thing, in: "document") == .refused(EPERM))
    }

    private static func keepsSignalsIn() async throws -> Bool {
        let result = try await Subprocess.run(
            .path(FilePath(Probe.path)), arguments: ["kernel", "signal-scope"], input: .none, output: .discarded, error: .discarded)
        return result.terminationStatus == .exited(0)
    }
}
