import FoundationEssentials
import Testing

private let regex = Program(name: "fail2ban-regex")
private let client = Program(name: "fail2ban-client")

/// deploy/fail2ban on lines as the server writes them.
@Suite(.enabled(if: regex.isInstalled && client.isInstalled, "fail2ban is not installed"), .timeLimit(.minutes(10)))
struct Fail2banTests {
    private let time = "2026-11-22T08:30:00+0000"

    /// The addresses that the filter finds in these lines, in order.
    private func addresses(in lines: [String]) async throws -> [String] {
        try await TemporaryFolder.with { folder in
            try folder.write(try Deploy.text("fail2ban/filter.d/faxlock.conf"), to: "filter.d/faxlock.conf")
            let common = try String(decoding: Data(contentsOf: URL(filePath: "/etc/fail2ban/filter.d/common.conf")), as: UTF8.self)
            try folder.write(common, to: "filter.d/common.conf")
            let log = try folder.write(lines.map { "\($0)\n" }.joined(), to: "log")
            let result = try await regex.run(["--out", "id", log, "\(folder.path)/filter.d/faxlock.conf"])
            return result.output.split(separator: "\n").map(String.init)
        }
    }

    @Test func findsRefusals() async throws {
        let found = try await addresses(in: [
            "\(time) warning faxlock: [Gateway] access refused address=192.0.2.7 reason=unauthorized",
            "\(time) warning faxlock: [Gateway] access refused address=2001:db8::7 reason=rate_limited",
            "\(time) warning faxlock: address=192.0.2.8 reason=unauthorized [Gateway] access refused",
            "2026-11-22T08:30:00.12 fax faxlock[42]: \(time) warning faxlock: [Gateway] access refused address=192.0.2.9 reason=unauthorized",
        ])
        #expect(found == ["192.0.2.7", "2001:db8::7", "192.0.2.8", "192.0.2.9"])
    }

    /// What a caller sends may be in a line of another kind: it must not block a third.
    @Test func findsNothingElse() async throws {
        let found = try await addresses(in: [
            "\(time) info faxlock: [Gateway] access refused address=192.0.2.7 reason=unauthorized",
            "\(time) warning faxlock: [Gateway] access refused address=192.0.2.7 reason=forbidden",
            "\(time) warning faxlock: [Gateway] access refused address=192.0.2.7 reason=unauthorized and more",
            "\(time) warning faxlock: note=x [Gateway] access refused address=192.0.2.7 reason=unauthorized",
            "\(time) warning faxlock: [SIP] said access refused address=192.0.2.7 reason=unauthorized",
            "\(time) warning other: [Gateway] access refused address=192.0.2.7 reason=unauthorized",
            "\(time) warning faxlock: [Gateway] access refused address=example.org reason=unauthorized",
            "2026-11-22T08:30:00.1 fax1 sshd[42]: \(time) warning faxlock: [Gateway] access refused address=192.0.2.9 reason=unauthorized",
        ])
        #expect(found == [])
    }

    /// The whole configuration with our jail alone, by fail2ban's own test.
    private func check(replacing edits: KeyValuePairs<String, String>) async throws -> Program.Result {
        try await TemporaryFolder.with { folder in
            try FileManager.default.copyItem(atPath: "/etc/fail2ban", toPath: "\(folder.path)/fail2ban")
            try FileManager.default.removeItem(atPath: "\(folder.path)/fail2ban/jail.d")
            try folder.write(try Deploy.text("fail2ban/filter.d/faxlock.conf"), to: "fail2ban/filter.d/faxlock.conf")
            try folder.write(try Deploy.text("fail2ban/jail.d/faxlock.conf", replacing: edits), to: "fail2ban/jail.d/faxlock.conf")
            return try await client.run(["-c", "\(folder.path)/fail2ban", "--test"])
        }
    }

    @Test func jailIsAccepted() async throws {
        let result = try await check(replacing: [:])
        #expect(result.status == 0, "\(result.text)")
    }

    @Test(arguments: [("filter = faxlock", "filter = faxlok"), ("banaction = nftables-multiport", "banaction = nftables-everything")])
    func aMistakeInTheJailIsFound(old: String, new: String) async throws {
        #expect(try await check(replacing: [old: new]).status != 0)
    }
}
