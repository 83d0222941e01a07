import Foundation
import Subprocess
import SystemPackage
import Testing

/// Hostile T.38 against real `faxlock-line` processes, by `line-bench fuzz`: each that dies is one call that failed, and those beside it deliver
/// their pages. `make bench-line` runs it at length.
@Suite(.enabled(if: FrameFuzzTests.isBuilt, "line-bench or faxlock-line is not built")) struct FrameFuzzTests {
    private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    private static func tool(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static var isBuilt: Bool { ["line-bench", "faxlock-line"].allSatisfy { FileManager.default.isExecutableFile(atPath: tool($0)) } }

    @Test func noSessionHangsOrHurtsAnother() async throws {
        let result = try await Subprocess.run(
            .path(FilePath(Self.tool("line-bench"))), arguments: ["fuzz", Self.tool("faxlock-line"), "50", "7"], input: .none,
            output: .string(limit: 1 << 20), error: .discarded)
        let report = result.standardOutput ?? ""
        #expect(result.terminationStatus == .exited(0), "\(report)")
        // What is known to crash libspandsp is stopped before it gets there; only workers that the test kills itself die.
        #expect(report.contains("sessions 50, ended 45, killed 5, died 0, hung 0, wrong 0,"), "\(report)")
    }
}
