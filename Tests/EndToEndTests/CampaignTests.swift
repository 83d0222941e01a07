import Glibc
import Testing

extension EndToEnd {
    /// The campaign of `make campaign` on a small scale: power cuts, failing disks, and the order of what is written.
    ///
    /// It is a program of its own (Benchmarks/campaign), which audits the data folder that it leaves with its own eyes: the database, the
    /// blobs, the ledger, and what the far end has.
    @Suite struct CampaignTests {
        private static let folder = BuiltProducts.repository + "/Benchmarks/campaign"
        private static let python =
            getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) } ?? Command.find("python3")

        /// Whether a process may be traced here: not in every container.
        private static func canTrace() async -> Bool {
            guard let strace = Command.find("strace") else { return false }
            return (try? await Command.run(strace, ["-f", "-o", "/dev/null", "/bin/true"]).status) == 0
        }

        private static func run(_ part: String, _ options: String...) async throws {
            let python = try #require(python)
            let result = try await Command.run(
                python, [folder, BuiltProducts.faxlock, part] + options, environment: ["PYTHONDONTWRITEBYTECODE": "1"], limit: .seconds(300)
            )
            #expect(result.status == 0, "\(result.output)\(result.complaints)")
        }

        /// 50 senders, power cuts at random instants, a webhook receiver that misbehaves: nothing is lost, nothing is sent twice.
        @Test(.enabled(if: python != nil, "there is no python3"))
        func nothingIsLostOrSentTwiceWhereverThePowerFails() async throws {
            try await Self.run(
                "kills", "--kills", "20", "--senders", "50", "--faxes", "40", "--seed", "1905", "--calm", "2", "--refusals", "1")
        }

        @Test(.enabled(if: python != nil, "there is no python3"))
        func nothingIsLostOrSentTwiceAtAnyNamedCrashPoint() async throws {
            try await Self.run("points", "--turns", "1", "--senders", "12", "--seed", "1906", "--calm", "2", "--refusals", "1")
        }

        /// A 202 leaves after the blob, its name and its row are on the disk; an INVITE after its intent is.
        @Test(
            .enabled(if: python != nil, "there is no python3"),
            .enabled("strace is not installed, or may not trace here") { await canTrace() })
        func whatLeavesTheMachineLeavesAfterItsSync() async throws {
            try await Self.run("order")
        }

        /// Full and broken disks at some of the writes of a fax's way; `make campaign` tries all of them.
        @Test(
            .enabled(if: python != nil, "there is no python3"),
            .enabled(if: Command.find("cc") != nil || Command.find("clang") != nil, "there is no C compiler for the failing disk"))
        func aDiskThatFailsAnywhereLosesNothingThatWasAccepted() async throws {
            try await Self.run("faults", "--faults", "1", "--seed", "1907")
        }
    }
}
