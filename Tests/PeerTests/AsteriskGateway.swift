import Foundation
import Glibc

/// An Asterisk as the line of a server (`FAX_BACKEND=sip`), with the dialplan of `deploy/asterisk`. It calls ``AsteriskPeer``, and is called
/// by it.
struct AsteriskGateway: Sendable {
    /// What the peer knows of it.
    static var endpoint: String { "gateway address=\(AsteriskPeer.address(of: 2)) number=\(AsteriskPeer.station)" }

    let instance: AsteriskInstance
    private let secret: String

    /// Runs `body` with a gateway.
    static func with(_ body: (AsteriskGateway) async throws -> Void) async throws {
        try await TemporaryFolder.with { scratch in
            let secret = "invented-manager-secret"
            let file = try scratch.write(Array(secret.utf8), to: "manager")
            try await AsteriskInstance.with(
                "gateway-\(getpid())", address: AsteriskPeer.address(of: 2),
                endpoints: ["peer address=\(AsteriskPeer.address(of: 1)) context=faxlock-receive"],
                options: ["manager_file=\(file)", "dialplan=\(BuiltProducts.repository)/deploy/asterisk/extensions.conf"]
            ) { instance in
                try await body(AsteriskGateway(instance: instance, secret: secret))
            }
        }
    }

    /// The settings of a server whose line it is.
    var settings: [String: String] {
        [
            "FAX_BACKEND": "sip", "ASTERISK_AMI_HOST": instance.address, "ASTERISK_AMI_PORT": "5038",
            "ASTERISK_AMI_USERNAME": "faxlock", "ASTERISK_AMI_PASSWORD": secret, "ASTERISK_DIAL": "PJSIP/{number}@peer",
            "ASTERISK_SPOOL_DIR": spool, "ASTERISK_SPOOL_PATH": "/srv/\(instance.name)/shared",
            "ASTERISK_INBOUND_SECRET": Self.inboundSecret,
        ]
    }

    static let inboundSecret = "invented-inbound-secret-0123456789"

    /// The folder that it shares with the server.
    var spool: String { instance.folder + "/shared" }

    /// The notice that its dialplan left beside a received fax, if there is one.
    func notice() throws -> [UInt8]? {
        let names = try FileManager.default.contentsOfDirectory(atPath: spool + "/in")
        return try names.first { $0.hasSuffix(".json") }.map { try TemporaryFolder.read("\(spool)/in/\($0)") }
    }
}
