import FaxModel

/// What a running server says of itself: the answer of `GET /admin/doctor/facts`. No PHI and no secret is in it.
package struct ServerFacts: Sendable, Codable {
    /// By which the doctor finds the process, and knows that it is on the same machine.
    package struct Process: Sendable, Codable {
        package var id: Int32
        package var user: UInt32
        /// Clock ticks between the machine's start and the process' (proc(5), field 22 of `stat`).
        package var started_ticks: UInt64
        /// Of this run of the machine.
        package var boot_id: String
        package var started_at: String
        /// The working folder, to which paths in settings may be relative.
        package var folder: String

        package init(id: Int32, user: UInt32, started_ticks: UInt64, boot_id: String, started_at: String, folder: String) {
            self.id = id
            self.user = user
            self.started_ticks = started_ticks
            self.boot_id = boot_id
            self.started_at = started_at
            self.folder = folder
        }
    }

    package struct Setting: Sendable, Codable {
        package var name: String
        /// Secrets are `***`.
        package var value: String
        package var source: String
        package var is_secret: Bool

        package init(name: String, value: String, source: String, is_secret: Bool) {
            self.name = name
            self.value = value
            self.source = source
            self.is_secret = is_secret
        }
    }

    package struct Ledger: Sendable, Codable {
        package var events: Int64
        /// When the newest checkpoint was signed, ISO 8601.
        package var checkpoint_at: String

        package init(events: Int64, checkpoint_at: String) {
            self.events = events
            self.checkpoint_at = checkpoint_at
        }
    }

    /// The newest event of a kind.
    package struct Occasion: Sendable, Codable {
        /// ISO 8601.
        package var at: String
        /// `success`, `failure`, ...
        package var outcome: String

        package init(at: String, outcome: String) {
            self.at = at
            self.outcome = outcome
        }

        var time: Timestamp? { Timestamp(iso8601: at) }
    }

    /// A key of the API that opens something.
    package struct Key: Sendable, Codable {
        package var id: String
        package var created_at: String
        package var expires_at: String?
        package var last_used_at: String?

        package init(id: String, created_at: String, expires_at: String?, last_used_at: String?) {
            self.id = id
            self.created_at = created_at
            self.expires_at = expires_at
            self.last_used_at = last_used_at
        }
    }

    package struct Agreement: Sendable, Codable {
        package var provider: String
        package var in_force: Bool
        /// The last day, ISO 8601; nil for none.
        package var expires_on: String?

        package init(provider: String, in_force: Bool, expires_on: String?) {
            self.provider = provider
            self.in_force = in_force
            self.expires_on = expires_on
        }
    }

    package struct Sink: Sendable, Codable {
        package var name: String
        /// Events up to this sequence number were delivered; -1 for none.
        package var position: Int64
        package var last_success: String?
        package var last_error: String?
        package var backlog_since: String?

        package init(name: String, position: Int64, last_success: String?, last_error: String?, backlog_since: String?) {
            self.name = name
            self.position = position
            self.last_success = last_success
            self.last_error = last_error
            self.backlog_since = backlog_since
        }
    }

    /// What walls the server and so its workers can have: its kernel, its container or its unit may withhold them.
    package struct Walls: Sendable, Codable {
        /// The version of Landlock, which closes the file system; 0 where there is none.
        package var landlock: Int
        /// Whether system calls can be filtered (seccomp).
        package var system_call_filter: Bool

        package init(landlock: Int, system_call_filter: Bool) {
            self.landlock = landlock
            self.system_call_filter = system_call_filter
        }
    }

    package var version: String
    package var process: Process
    package var walls: Walls
    /// Where the server listens, as a URL.
    package var listening: String
    package var key_file: String?
    package var settings: [Setting]
    /// Names of settings whose secrets are weak.
    package var weak_secrets: [String]
    package var ledger: Ledger
    /// By the action's word.
    package var newest: [String: Occasion]
    package var keys: [Key]
    /// Ids of emergency keys whose use nobody reviewed.
    package var unreviewed_emergencies: [String]
    /// Keys in the data folder that a former key file wrapped.
    package var wrapped_by_retired_keys: Int
    /// The business associates by whom faxes leave.
    package var associates: [String]
    package var agreements: [Agreement]
    package var sinks: [Sink]

    package init(
        version: String, process: Process, walls: Walls, listening: String, key_file: String?, settings: [Setting], weak_secrets: [String],
        ledger: Ledger, newest: [String: Occasion], keys: [Key], unreviewed_emergencies: [String], wrapped_by_retired_keys: Int,
        associates: [String], agreements: [Agreement], sinks: [Sink]
    ) {
        self.version = version
        self.process = process
        self.walls = walls
        self.listening = listening
        self.key_file = key_file
        self.settings = settings
        self.weak_secrets = weak_secrets
        self.ledger = ledger
        self.newest = newest
        self.keys = keys
        self.unreviewed_emergencies = unreviewed_emergencies
        self.wrapped_by_retired_keys = wrapped_by_retired_keys
        self.associates = associates
        self.agreements = agreements
        self.sinks = sinks
    }
}
