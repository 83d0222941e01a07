import Testing

private let wireguard = Program(name: "wg")
private let wireguardQuick = Program(name: "wg-quick")
private let swanctl = Program(name: "swanctl")

/// deploy/wireguard and deploy/strongswan. Syntax only: no tunnel is made.
@Suite(.timeLimit(.minutes(10))) struct TunnelTests {
    /// What `wg` says to what `wg-quick` makes of a copy, for an interface that does not exist: it reads the file before it looks for the
    /// interface, so a good file ends with that complaint and a bad one with another.
    private func check(replacing edits: KeyValuePairs<String, String> = [:]) async throws -> String {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(try Deploy.text("wireguard/wg-trunk.conf", replacing: edits), to: "wg-trunk.conf")
            let stripped = try await wireguardQuick.run(["strip", file])
            try #require(stripped.status == 0, "\(stripped.complaints)")
            let result = try await wireguard.run(["setconf", "faxlock-none", try folder.write(stripped.output, to: "stripped")])
            #expect(result.status == 1)
            return result.complaints
        }
    }

    private static let placeholder = "REPLACE_WITH_THE_PUBLIC_KEY_OF_THE_TRUNK"
    /// An invented point: 32 bytes, the last 0.
    private static let key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHwA="

    @Test(.enabled(if: wireguard.isInstalled && wireguardQuick.isInstalled, "wireguard-tools is not installed"))
    func wireguardTakesItWithARealKey() async throws {
        let complaint = try await check(replacing: [Self.placeholder: Self.key])
        #expect(complaint.hasPrefix("Unable to modify interface"), "\(complaint)")
    }

    @Test(.enabled(if: wireguard.isInstalled && wireguardQuick.isInstalled, "wireguard-tools is not installed"))
    func wireguardRefusesThePlaceholder() async throws {
        #expect(try await check().contains("Configuration parsing error"))
    }

    @Test(
        .enabled(if: wireguard.isInstalled && wireguardQuick.isInstalled, "wireguard-tools is not installed"),
        arguments: [
            ("AllowedIPs = ", "AllowedIP = "), ("198.51.100.10/32", "198.51.100.10/33"), ("ListenPort = 51820", "ListenPort = many"),
        ])
    func wireguardFindsAMistake(old: String, new: String) async throws {
        #expect(try await check(replacing: [Self.placeholder: Self.key, old: new]).contains("Configuration parsing error"))
    }

    /// `swanctl` loads files into a daemon only. But its library reads strongswan.conf with the same parser before anything else.
    private func parse(_ text: String) async throws -> Program.Result {
        try await TemporaryFolder.with { folder in
            try await swanctl.run(["--help"], environment: ["STRONGSWAN_CONF": try folder.write(text, to: "swanctl.conf")])
        }
    }

    @Test(.enabled(if: swanctl.isInstalled, "strongswan-swanctl is not installed")) func strongswanParsesIt() async throws {
        let text = try Deploy.text("strongswan/swanctl.conf")
        #expect(try await parse(text).status == 0)
        let broken = try await parse(String(text.reversed().drop { $0 != "}" }.dropFirst().reversed()))
        #expect(broken.status != 0 && broken.complaints.contains("syntax error"))
    }

    /// The manual file that strongSwan installs has each option of each section, commented out.
    @Test(.enabled(if: swanctl.isInstalled, "strongswan-swanctl is not installed")) func strongswanKnowsEveryOption() async throws {
        let manual = try await Program(name: "cat").run(["/etc/swanctl/swanctl.conf"]).output
        try #require(manual.contains("remote_ts"))
        let known = Set(manual.matches(of: #/(?m)^\s*# (\w+) =/#).map { String($0.1) })
        let used = try Deploy.text("strongswan/swanctl.conf").matches(of: #/(?m)^\s*(\w+) = /#).map { String($0.1) }
        #expect(used.count > 15)
        for option in used { #expect(known.contains(option), "swanctl.conf has no option \(option)") }
        #expect(!known.contains("remote_tss"))
    }

    /// No secret stands in the files; both name files that must be made.
    @Test func holdNoKey() throws {
        let text = try Deploy.text("wireguard/wg-trunk.conf")
        #expect(!text.contains("PrivateKey") && !text.contains("PresharedKey"))
        #expect(!(try Deploy.text("strongswan/swanctl.conf")).contains("secret"))
    }
}
