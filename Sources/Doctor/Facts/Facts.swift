package import FaxModel
package import ServerSettings

/// All that the doctor saw. ``Facts/results`` judges it, without any I/O of its own.
package struct Facts: Sendable {
    /// A connection to where clients come in.
    package struct TLS: Sendable {
        /// `host:port`.
        package var target: String
        /// The version that was agreed with a client of today, or why none was.
        package var modern: Result
        /// Whether TLS 1.1 or older was accepted.
        package var acceptsOld: Bool
        /// Whether the port answers HTTP without TLS.
        package var answersPlaintext: Bool
        /// Whether certificate and name are what a client trusts; nil if they are, else why not.
        package var certificateProblem: String?
        /// Days until the certificate ends; negative after.
        package var daysLeft: Int

        package enum Result: Sendable {
            case agreed(String)
            case refused(String)
        }

        package init(
            target: String, modern: Result, acceptsOld: Bool, answersPlaintext: Bool, certificateProblem: String?, daysLeft: Int
        ) {
            self.target = target
            self.modern = modern
            self.acceptsOld = acceptsOld
            self.answersPlaintext = answersPlaintext
            self.certificateProblem = certificateProblem
            self.daysLeft = daysLeft
        }
    }

    /// HTTP statuses of a key's request before and after it was revoked.
    package struct DisabledKey: Sendable {
        package var before: Int
        package var after: Int

        package init(before: Int, after: Int) {
            self.before = before
            self.after = after
        }
    }

    /// What came of reading the whole ledger.
    package struct Ledger: Sendable {
        package var events: Int64
        /// Sentences; empty if it is whole.
        package var problems: [String]
        /// Whether the operator's own copy of the key was compared.
        package var hasTrustedKey: Bool

        package init(events: Int64, problems: [String], hasTrustedKey: Bool) {
            self.events = events
            self.problems = problems
            self.hasTrustedKey = hasTrustedKey
        }
    }

    /// A trunk of `FAXLOCK_TRUNKS_FILE`.
    package struct Trunk: Sendable {
        package var name: String
        /// What its signalling goes over.
        package var transport: Transport
        /// Whether it takes SRTP and nothing else.
        package var requiresMediaEncryption: Bool
        /// The port of our signalling; 0 for any.
        package var port: Int

        package enum Transport: String, Sendable {
            case udp, tcp, tls
        }

        package init(name: String, transport: Transport, requiresMediaEncryption: Bool, port: Int) {
            self.name = name
            self.transport = transport
            self.requiresMediaEncryption = requiresMediaEncryption
            self.port = port
        }
    }

    /// Files whose place and rights matter.
    package enum Place: String, Sendable, Hashable, CaseIterable {
        case dataFolder, keyFile, anchorFile, backupFolder, backupKeyFile, backupKeysFolder
    }

    package var now: Timestamp
    package var profile: DoctorProfile
    /// Those of the running server, where it told them.
    package var settings: Settings
    /// What the server's readiness says: true for ready.
    package var isReady: Seen<Bool>
    package var server: Seen<ServerFacts>
    /// Nil where nothing speaks TLS.
    package var tls: Seen<TLS>?
    /// The `Strict-Transport-Security` header; empty for none.
    package var strictTransport: Seen<String>
    /// The status of a request without a key.
    package var statusWithoutKey: Seen<Int>
    package var disabledKey: Seen<DisabledKey>
    /// Statuses of callbacks with a forged signature, by path.
    package var forgedCallbacks: Seen<[String: Int]>
    /// Only those that the settings name.
    package var places: [Place: Seen<FilePlace>]
    package var plaintext: Seen<PlaintextScan.Report>
    /// Paths in the data folder to which others have rights; at most some.
    package var openFiles: Seen<[String]>
    package var ledger: Seen<Ledger>
    package var coreLimit: Seen<CoreLimit>
    package var sockets: Seen<[BoundSocket]>
    /// Names of secret settings in the server's environment.
    package var secretsInEnvironment: Seen<[String]>
    /// Nil where the settings name none.
    package var trunks: Seen<[Trunk]>?
    package var isClockSynchronised: Seen<Bool>
    /// Nil when no log was given.
    package var logs: Seen<LogScan.Report>?

    package init(
        now: Timestamp, profile: DoctorProfile, settings: Settings, isReady: Seen<Bool>, server: Seen<ServerFacts>, tls: Seen<TLS>?,
        strictTransport: Seen<String>, statusWithoutKey: Seen<Int>, disabledKey: Seen<DisabledKey>, forgedCallbacks: Seen<[String: Int]>,
        places: [Place: Seen<FilePlace>], plaintext: Seen<PlaintextScan.Report>, openFiles: Seen<[String]>, ledger: Seen<Ledger>,
        coreLimit: Seen<CoreLimit>, sockets: Seen<[BoundSocket]>, secretsInEnvironment: Seen<[String]>,
        trunks: Seen<[Trunk]>?, isClockSynchronised: Seen<Bool>, logs: Seen<LogScan.Report>?
    ) {
        self.now = now
        self.profile = profile
        self.settings = settings
        self.isReady = isReady
        self.server = server
        self.tls = tls
        self.strictTransport = strictTransport
        self.statusWithoutKey = statusWithoutKey
        self.disabledKey = disabledKey
        self.forgedCallbacks = forgedCallbacks
        self.places = places
        self.plaintext = plaintext
        self.openFiles = openFiles
        self.ledger = ledger
        self.coreLimit = coreLimit
        self.sockets = sockets
        self.secretsInEnvironment = secretsInEnvironment
        self.trunks = trunks
        self.isClockSynchronised = isClockSynchronised
        self.logs = logs
    }
}
