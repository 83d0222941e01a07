package import Doctor
package import FaxModel

/// What the doctor asks of the server beside its settings and its database.
package struct DoctorSubject: Sendable {
    package var version: String
    /// The key file as it was found; nil where there is none.
    package var keyFile: String?
    /// The business associates of the backends.
    package var associates: [String]
    package var startedAt: Timestamp
    /// What its workers can wall themselves in with.
    package var walls: ServerFacts.Walls
    /// Where the server listens, as a URL.
    package var listening: @Sendable () -> String
    /// How the places outside of the database are doing that get audit events.
    package var sinks: @Sendable () async -> [ServerFacts.Sink]

    package init(
        version: String = "", keyFile: String? = nil, associates: [String] = [], startedAt: Timestamp = Timestamp(milliseconds: 0),
        walls: ServerFacts.Walls = ServerFacts.Walls(landlock: 0, system_call_filter: false),
        listening: @escaping @Sendable () -> String = { "" }, sinks: @escaping @Sendable () async -> [ServerFacts.Sink] = { [] }
    ) {
        self.version = version
        self.keyFile = keyFile
        self.associates = associates
        self.startedAt = startedAt
        self.walls = walls
        self.listening = listening
        self.sinks = sinks
    }
}
