import FaxModel
import ServerSettings

/// What lies on the disk (45 CFR 164.310(d), 164.312(a)(2)(iv), (c)).
extension Facts {
    private static let fsckDays = 31

    var keysSeparated: Verdict {
        guard let keyFile = places[.keyFile], let data = places[.dataFolder] else {
            return .unknown("where the key file is, is not known")
        }
        return keyFile.verdict { key in
            data.verdict { data in
                if key.isOpenToOthers {
                    return .broken("\(key.path) has mode \(key.modeText)", "chmod 600 \(key.path)")
                }
                if let server = serverUser, key.owner != 0, key.owner != server {
                    return .broken("\(key.path) belongs to user \(key.owner)", "Have it belong to the server's user or root.")
                }
                if settings.keyCustodian != .none {
                    return .holds("\(key.path) is wrapped by \(settings.keyCustodian.rawValue), mode \(key.modeText)")
                }
                if key.isVolatile { return .holds("\(key.path) is in memory (\(key.fileSystem)), mode \(key.modeText)") }
                return key.device == data.device
                    ? .broken(
                        "\(key.path) is on the volume of the data folder: who has a copy of the volume has both",
                        "Use a systemd credential, another volume (FAXLOCK_KEY_FILE) or a custodian (FAXLOCK_KEY_CUSTODIAN); docs/key-custody.md."
                    )
                    : .holds("\(key.path) is on another volume than the data folder, mode \(key.modeText)")
            }
        }
    }

    private var serverUser: UInt32? {
        if case .value(let server) = server { server.process.user } else { nil }
    }

    var keysRetired: Verdict {
        server.verdict { server in
            if server.wrapped_by_retired_keys > 0 {
                return .broken("\(server.wrapped_by_retired_keys) keys are still wrapped by a former key file", "faxlock keys rewrap")
            }
            return settings.retiredKeyFiles.isEmpty
                ? .holds("no former key file is configured or needed")
                : .broken(
                    "FAXLOCK_RETIRED_KEY_FILES names files that nothing needs", "Take them out, and destroy them as your policy says.")
        }
    }

    var plaintextVerdict: Verdict {
        plaintext.verdict { report in
            let amount = "\(report.files) files, \(report.bytes) bytes"
            if report.count > 0 {
                return .broken(
                    "\(report.count) files with plaintext: \(shortList(report.findings))",
                    "Find out who wrote them; then destroy them. If it was Faxlock, this is a defect and perhaps a breach: docs/incident-guide.md."
                )
            }
            if report.unreadable > 0 {
                return .unknown("\(report.unreadable) files could not be read", "Run the doctor as the server's user or root.")
            }
            if report.partial > 0 {
                return .doubtful("\(amount) have none; of \(report.partial) only the beginning was read", "Give a larger --scan-limit.")
            }
            return .holds("\(amount): no PDF, no TIFF, no phone number")
        }
    }

    var modes: Verdict {
        guard let data = places[.dataFolder] else { return .unknown("where the data folder is, is not known") }
        return data.verdict { data in
            openFiles.verdict { files in
                if data.isOpenToOthers { return .broken("\(data.path) has mode \(data.modeText)", "chmod 700 \(data.path)") }
                return files.isEmpty
                    ? .holds("\(data.path) has mode \(data.modeText), and nobody else has rights to a file in it")
                    : .broken("others have rights to \(shortList(files))", "chmod -R go= \(data.path)")
            }
        }
    }

    var fsckAge: Verdict {
        recent("integrity.checked", within: Self.fsckDays * 24, what: "faxlock fsck", remedy: "Run faxlock fsck at least once a month.")
    }

    /// Whether the newest event of a kind succeeded and is not older than some hours.
    func recent(_ action: String, within hours: Int, what: String, remedy: String) -> Verdict {
        server.verdict { server in
            guard let occasion = server.newest[action] else { return .broken("\(what): never", remedy) }
            guard let time = occasion.time else { return .unknown("the time of the newest event \(action) cannot be read") }
            let age = max(0, (now.milliseconds - time.milliseconds) / 3_600_000)
            guard occasion.outcome == "success" else {
                return .broken(
                    "\(what): the last one, at \(occasion.at), found problems or failed", "Run it by hand and read what it says. \(remedy)")
            }
            return age < hours
                ? .holds("\(what): \(occasion.at)") : .broken("\(what): last at \(occasion.at), \(age) hours ago", remedy)
        }
    }

    var retention: Verdict {
        let sent = settings.retentionDays > 0 || settings.deletesOnSuccess || settings.hasZeroRetention
        let received = settings.inboundRetentionDays > 0
        guard sent, received else {
            return .broken(
                sent
                    ? "received documents are kept for ever"
                    : received ? "sent documents are kept for ever" : "all documents are kept for ever",
                "Set ARTIFACT_TTL_DAYS and INBOUND_RETENTION_DAYS as your policy says; mailboxes may have rules of their own.")
        }
        return .holds(
            (settings.hasZeroRetention
                ? "sent: destroyed once confirmed (zero retention)"
                : settings.deletesOnSuccess ? "sent: destroyed once confirmed" : "sent: \(settings.retentionDays) days")
                + "; received: \(settings.inboundRetentionDays) days")
    }
}
