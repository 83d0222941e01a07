package import ServerSettings

/// What keeps a server from starting on records of patients (`FAXLOCK_PROFILE=production`). Settings and facts go in, sentences come out.
package enum ProductionGate {
    /// What is not in the settings.
    package struct Facts: Sendable {
        /// Whether the data folder has a key of the API that opens something.
        package var hasStoredKey: Bool
        /// The key file; the folder in which it will be made if it is not there.
        package var keyFile: FilePlace?
        package var isKeyFileThere: Bool
        /// The data folder, or the folder in which it will be made.
        package var dataFolder: FilePlace?
        /// The addresses that `ASTERISK_AMI_HOST` leads to.
        package var managerAddresses: [String]
        /// Nil if it cannot be known.
        package var isClockSynchronised: Bool?
        /// Providers whose agreements are in force.
        package var agreements: Set<String>

        package init(
            hasStoredKey: Bool, keyFile: FilePlace?, isKeyFileThere: Bool, dataFolder: FilePlace?, managerAddresses: [String],
            isClockSynchronised: Bool?, agreements: Set<String>
        ) {
            self.hasStoredKey = hasStoredKey
            self.keyFile = keyFile
            self.isKeyFileThere = isKeyFileThere
            self.dataFolder = dataFolder
            self.managerAddresses = managerAddresses
            self.isClockSynchronised = isClockSynchronised
            self.agreements = agreements
        }
    }

    package struct Finding: Sendable, Hashable {
        /// Kinds of findings.
        package enum Code: String, Sendable, Hashable, CaseIterable {
            case noKey, keyNotRequired, weakSecret, insecurePublicURL, unverifiedCallback, publicManager, keyWithData, keyReadable,
                noLedger,
                plaintextListener, noAgreement, madeUpOutcomes, shortenedRetries, loopbackWebhooks
            /// Warnings.
            case noReason, clockNotSynchronised, clockUnknown

            /// Whether the server starts nevertheless.
            package var isWarning: Bool {
                switch self {
                case .noReason, .clockNotSynchronised, .clockUnknown: true
                default: false
                }
            }
        }

        package let code: Code
        /// What is wrong and what to do; no secret in it.
        package let sentence: String
    }

    /// All findings at once. In the development profile, only what `ENFORCE_PUBLIC_HTTPS` insists on.
    package static func findings(_ settings: Settings, _ facts: Facts) -> [Finding] {
        var found: [Finding] = []
        func find(_ code: Finding.Code, _ sentence: String) { found.append(Finding(code: code, sentence: sentence)) }
        if let sentence = publicURL(settings) { find(.insecurePublicURL, sentence) }
        guard settings.profile == .production else { return found }

        if !settings.requiresAPIKey {
            find(.keyNotRequired, "REQUIRE_API_KEY=false: anybody may send and read. Set it to true.")
        } else if settings.apiKey == nil, !facts.hasStoredKey {
            find(
                .noKey,
                "There is no API_KEY and no stored key: the first key would be printed into a log. Give it as API_KEY_FILE (openssl rand -hex 32)."
            )
        }
        for name in weakSecrets(settings) {
            let reason = settings.secrets[name].flatMap { WeakSecret.reason($0.value) } ?? ""
            find(.weakSecret, "\(name) is weak: \(reason). Replace it by 32 random characters or more, or remove it if it is not needed.")
        }
        if value("PHAXIO_VERIFY_SIGNATURE", settings).map({ ["false", "0", "no", "off"].contains($0.lowercased()) }) == true {
            find(.unverifiedCallback, "PHAXIO_VERIFY_SIGNATURE=false: anybody could say that a fax was delivered. Set it to true.")
        }
        if let address = facts.managerAddresses.first(where: { HostName.isPublicAddress($0) }) {
            find(
                .publicManager,
                "ASTERISK_AMI_HOST leads to the public address \(address): its protocol has no encryption. Reach it on a private network.")
        }
        keyFile(settings, facts, find)
        if !settings.isLedgerEnabled {
            find(.noLedger, "AUDIT_LOG_ENABLED=false: 45 CFR 164.312(b) asks for audit controls. Set it to true.")
        }
        if settings.tlsCertificate == nil, !HostName.isLoopback(settings.host) {
            find(
                .plaintextListener,
                "FAXLOCK_HOST=\(settings.host) can be reached from other machines without TLS. Set FAXLOCK_TLS_CERTIFICATE and FAXLOCK_TLS_KEY, or listen on 127.0.0.1 behind a TLS proxy."
            )
        }
        for provider in settings.backends.compactMap(\.associate) where !facts.agreements.contains(provider) && !settings.isFaxDisabled {
            find(
                .noAgreement,
                "The backend \(provider) has no agreement in force (45 CFR 164.308(b)(1)). Start with FAX_DISABLED=true, record it (faxlock associates record \(provider)), and start again."
            )
        }
        if settings.sandbox == .instant {
            find(.madeUpOutcomes, "FAXLOCK_SANDBOX=instant makes outcomes up, and nothing is sent. Remove it.")
        }
        if settings.shortensRetries {
            find(
                .shortenedRetries,
                "FAXLOCK_RETRY_PERCENT shortens the waits between calls, and people would be disturbed (47 CFR 68.318(b)). Remove it.")
        }
        if settings.allowsWebhookLoopback {
            find(
                .loopbackWebhooks,
                "FAXLOCK_WEBHOOK_ALLOW_LOOPBACK lets whoever makes webhooks reach programs of this machine, and without TLS. Remove it.")
        }
        if !settings.requiresReason { find(.noReason, "FAXLOCK_REQUIRE_REASON=false: documents open without a reason in the ledger.") }
        switch facts.isClockSynchronised {
        case true?: break
        case false?:
            find(.clockNotSynchronised, "The clock is not synchronised: times in the ledger are evidence. Run chrony or systemd-timesyncd.")
        case nil: find(.clockUnknown, "Whether the clock is synchronised cannot be known here; see to it that it is.")
        }
        return found
    }

    /// Names of the settings whose secrets are weak, also of those that this version does not use.
    package static func weakSecrets(_ settings: Settings) -> [String] {
        settings.secrets.filter { WeakSecret.reason($0.value.value) != nil }.keys.sorted()
    }

    private static func publicURL(_ settings: Settings) -> String? {
        let url = settings.publicURL
        guard !url.hasPrefix("https://") else { return nil }
        if settings.enforcesPublicHTTPS {
            return "ENFORCE_PUBLIC_HTTPS=true, and PUBLIC_API_URL is \(url). Set it to the https:// address that clients use."
        }
        guard settings.profile == .production, !settings.allowsInsecurePublicURL, !HostName.isLoopback(HostName.host(ofURL: url)) else {
            return nil
        }
        return
            "PUBLIC_API_URL is \(url): links to documents would go without encryption. Set it to an https:// address (or ALLOW_INSECURE_PUBLIC_URL=true)."
    }

    private static func keyFile(_ settings: Settings, _ facts: Facts, _ find: (Finding.Code, String) -> Void) {
        guard let key = facts.keyFile else { return }
        if facts.isKeyFileThere, key.isOpenToOthers {
            find(
                .keyReadable, "The key file \(key.path) has mode \(key.modeText): it is for the server's user alone. chmod 600 \(key.path)")
        }
        guard settings.keyCustodian == .none, !key.isVolatile, let data = facts.dataFolder, key.device == data.device else { return }
        find(
            .keyWithData,
            "The key file \(facts.isKeyFileThere ? key.path : "(to be made in \(key.path))") is on the volume of the data folder: a copy of the volume has both. Use a systemd credential, another volume (FAXLOCK_KEY_FILE) or a custodian (FAXLOCK_KEY_CUSTODIAN)."
        )
    }

    private static func value(_ name: String, _ settings: Settings) -> String? {
        settings.effective.first { $0.name == name }?.value
    }
}

extension BackendKind {
    /// The business associate by whom faxes leave (45 CFR 160.103), by which its agreement is recorded; nil for lines of one's own, whose
    /// carrier is a conduit.
    package var associate: String? {
        switch self {
        case .line, .sip: nil
        case .phaxio, .sinch, .signalwire, .documo: rawValue
        }
    }
}
