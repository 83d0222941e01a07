import Foundation
import Subprocess
import SystemPackage
import Testing

/// What the build puts beside the tests.
private enum Tools {
    private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static var areBuilt: Bool { ["line-bench", "faxlock-line"].allSatisfy { FileManager.default.isExecutableFile(atPath: path($0)) } }
}

/// Hostile T.38 against real `faxlock-line` processes, by `line-bench fuzz`: each that dies is one call that failed, and those beside it deliver
/// their pages. `make bench-line` runs it at length.
@Suite(.enabled(if: Tools.areBuilt, "line-bench or faxlock-line is not built")) struct FrameFuzzTests {
    @Test func noSessionHangsOrHurtsAnother() async throws {
        let result = try await Subprocess.run(
            .path(FilePath(Tools.path("line-bench"))), arguments: ["fuzz", Tools.path("faxlock-line"), "50", "7"], input: .none,
            output: .string(limit: 1 << 20), error: .discarded)
        let report = result.standardOutput
        #expect(result.terminationStatus == .exited(0), "\(report)")
        #expect(report.contains("killed 5,") && report.contains("hung 0, wrong 0,") && report.contains("of which failed 0,"), "\(report)")
        // The frames that are known to crash libspandsp are stopped before they get there.
        #expect(!report.contains(": shortCodedData") && !report.contains(": reservedWidth"), "\(report)")
    }
}
