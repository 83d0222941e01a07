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
            guard let provider = server.associate else {
                return .notApplicable("faxes leave by the own line: a carrier is a conduit and no business associate (45 CFR 160.103)")
            }
            let remedy = "Sign an agreement, then faxlock associates record \(provider) --agreed DATE --expires DATE."
            guard let agreement = server.agreements.first(where: { $0.provider == provider }), agreement.in_force else {
                return .broken("\(provider) has no agreement in force", remedy)
            }
            if let end = agreement.expires_on, end < now.advanced(by: .seconds(Self.agreementNotice * 86_400)).description {
                return .doubtful("the agreement with \(provider) ends on \(end.prefix(10))", remedy)
            }
            return .holds("the agreement with \(provider) is in force")
        }
    }

    var pstn: Verdict {
        .attest(
            "residual risk: beyond the carrier's gateway a fax is in the clear, and no fax machine can change that",
            "Name it in the risk analysis; verify numbers before first use.")
    }

    var trunk: Verdict {
        settings.backend == .line && settings.hasLoopbackExchange
            ? .notApplicable("the only trunk is the loopback exchange inside the server")
            : .unknown(
                "how \(settings.backend.rawValue) reaches its carrier cannot be seen from here",
                "Attest SIP over TLS with SRTP, or a private trunk: deploy/sip-tls/README.md.")
    }
}
