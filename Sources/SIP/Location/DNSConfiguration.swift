import FoundationEssentials
package import NIOCore

/// Whom to ask about names.
package struct DNSConfiguration: Sendable {
    /// The file that lists nameservers (resolv.conf(5)).
    package var file = "/etc/resolv.conf"
    /// Nameservers in place of those of the file.
    package var nameservers: [SocketAddress]?
    /// Whether a name without a point, and one that the nameservers do not know, is looked up as the system does it:
    /// /etc/hosts, search domains.
    package var usesSystem = true
    /// How long one nameserver may take for one answer.
    package var timeout: Duration = .seconds(2)
    /// How often all nameservers are asked.
    package var attempts = 2

    /// The usual configuration.
    package init() {}

    /// The nameservers: three at most, this machine when none is given, as the system's resolver has it. It blocks.
    func readNameservers() -> [SocketAddress] {
        if let nameservers { return nameservers }
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let found = Self.nameservers(in: text)
        if !found.isEmpty { return found }
        return [try? SocketAddress(ipAddress: "127.0.0.1", port: 53)].compactMap(\.self)
    }

    /// The addresses of the `nameserver` lines of a file.
    package static func nameservers(in text: String) -> [SocketAddress] {
        let lines = text.utf8.prefix(65_536).split { $0 == 0x0A || $0 == 0x0D }
        let addresses = lines.compactMap { line -> SocketAddress? in
            let words = line.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            return try? SocketAddress(ipAddress: words[1], port: 53)
        }
        return Array(addresses.prefix(3))
    }
}
