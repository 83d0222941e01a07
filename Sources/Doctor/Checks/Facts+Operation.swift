import FaxModel
import ServerSettings

/// Backups, business associates, and the line.
extension Facts {
    private static let backupHours = 48
    private static let drillDays = 92
    private static let agreementNotice = 30

    var backupAge: Verdict {
        recent(
            "backup.made", within: Self.backupHours, what: "backup",
            remedy: "Set FAXLOCK_BACKUP_DIR and its interval, or run faxlock backup from a timer.")
    }

    var drillAge: Verdict {
        recent(
            "backup.drilled", within: Self.drillDays * 24, what: "restore drill",
            remedy: "Run faxlock backup drill at least every three months.")
    }

    var backupKeysApart: Verdict {
        guard let backups = places[.backupFolder], let data = places[.dataFolder] else {
            return .notApplicable("FAXLOCK_BACKUP_DIR is not set")
        }
        guard let key = places[.backupKeyFile], let bundle = places[.backupKeysFolder] else {
            return .unknown("FAXLOCK_BACKUP_KEY_FILE and FAXLOCK_BACKUP_KEYS_DIR must be set")
        }
        return backups.verdict { backups in
            data.verdict { data in
                key.verdict { key in
                    bundle.verdict { bundle in
                        if key.isOpenToOthers { return .broken("\(key.path) has mode \(key.modeText)", "chmod 600 \(key.path)") }
                        if !key.isVolatile, key.device == backups.device {
                            return .broken("\(key.path) is on the volume of the backups", "Keep the key that seals backups elsewhere.")
                        }
                        if bundle.device == backups.device {
                            return .broken("\(bundle.path) is on the volume of the backups", "Keep the key bundle on another volume.")
                        }
                        if backups.device == data.device {
                            return .broken(
                                "\(backups.path) is on the volume of the data folder",
                                "Keep backups on another volume, best of another machine.")
                        }
                        return .holds("\(backups.path), \(bundle.path) and the backup key are on volumes of their own")
                    }
                }
            }
        }
    }

    var associates: Verdict {
        server.verdict { server in
            guard !server.associates.isEmpty else {
                return .notApplicable("faxes leave by the own line: a carrier is a conduit and no business associate (45 CFR 160.103)")
            }
            func remedy(_ provider: String) -> String {
                "Sign an agreement, then faxlock associates record \(provider) --agreed DATE --expires DATE."
            }
            func agreement(with provider: String) -> ServerFacts.Agreement? {
                server.agreements.first { $0.provider == provider && $0.in_force }
            }
            if let missing = server.associates.first(where: { agreement(with: $0) == nil }) {
                return .broken("\(missing) has no agreement in force", remedy(missing))
            }
            for provider in server.associates {
                if let end = agreement(with: provider)?.expires_on,
                    end < now.advanced(by: .seconds(Self.agreementNotice * 86_400)).description
                {
                    return .doubtful("the agreement with \(provider) ends on \(end.prefix(10))", remedy(provider))
                }
            }
            return .holds("the agreement with \(server.associates.joined(separator: " and ")) is in force")
        }
    }

    var pstn: Verdict {
        .attest(
            "residual risk: beyond the carrier's gateway a fax is in the clear, and no fax machine can change that",
            "Name it in the risk analysis; verify numbers before first use.")
    }

    var signalling: Verdict {
        guard let trunks else { return .notApplicable("no trunk of the own line") }
        return trunks.verdict { trunks in
            let clear = trunks.filter { $0.transport != .tls }
            return clear.isEmpty
                ? .holds("TLS with certificate and name checked: \(shortList(trunks.map(\.name)))")
                : .broken(
                    "in the clear, numbers included: \(shortList(clear.map { "\($0.name) (\($0.transport.rawValue.uppercased()))" }))",
                    "Use transport=tls or sips: in the trunk's server, or a tunnel, and record that: deploy/sip-tls/README.md.")
        }
    }

    var trunk: Verdict {
        if let other = settings.backends.first(where: { $0 != .line }) {
            return .unknown(
                "how \(other.rawValue) reaches its carrier cannot be seen from here",
                "Attest SIP over TLS with SRTP, or a private trunk: deploy/sip-tls/README.md.")
        }
        guard let trunks else { return .notApplicable("the only trunk is the loopback exchange inside the server") }
        return trunks.verdict { trunks in
            let open = trunks.filter { !$0.requiresMediaEncryption }
            return open.isEmpty
                ? .holds("SRTP or no call, T.38 refused: \(shortList(trunks.map(\.name)))")
                : .attest(
                    "residual risk: pages go unencrypted to \(shortList(open.map(\.name))); T.38 has no encryption in use, and a tunnel "
                        + "cannot be seen from here",
                    "Attest a tunnel or a private circuit to each, or set its media_encryption to required: deploy/sip-tls/README.md.")
        }
    }
}
