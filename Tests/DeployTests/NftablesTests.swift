import Testing

private let nft = Program(name: "nft")

private func canCheck() async -> Bool {
    guard nft.isInstalled else { return false }
    return (try? await nft.run(["--check", "--file", "-"], input: "table inet faxlock_probe {}\n").status) == 0
}

/// deploy/nftables by `nft --check`, which asks the kernel and changes nothing.
@Suite(
    .enabled("nft is not installed, or the kernel does not let this user check rules") { await canCheck() },
    .timeLimit(.minutes(10)))
struct NftablesTests {
    private func check(replacing edits: KeyValuePairs<String, String> = [:]) async throws -> Program.Result {
        try await nft.run(["--check", "--file", "-"], input: try Deploy.text("nftables/faxlock.nft", replacing: edits))
    }

    @Test func isAccepted() async throws {
        let result = try await check()
        #expect(result.status == 0, "\(result.text)")
    }

    @Test(arguments: [
        ("policy drop", "policy dropp"), ("ip saddr $trunks udp dport 5060 accept", "ip saddr $trunk udp dport 5060 accept"),
        ("tcp dport 6514 accept", "tcp dport 66514 accept"),
    ]) func aMistakeIsFound(old: String, new: String) async throws {
        #expect(try await check(replacing: [old: new]).status == 1)
    }

    /// All three ways are closed but for what is named, and SIP is open to the trunks only.
    @Test func isClosedByDefault() throws {
        let text = try Deploy.text("nftables/faxlock.nft")
        #expect(text.matches(of: /policy drop;/).count == 3 && !text.contains("policy accept"))
        for line in text.split(separator: "\n") where line.contains("506") && line.contains("dport") {
            #expect(line.contains("$trunks"), "\(line)")
        }
    }
}
