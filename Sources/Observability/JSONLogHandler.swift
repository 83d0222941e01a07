package import FaxModel
import Glibc
package import Logging
import Synchronization

/// Log messages as JSON, one object a line: `ts` (ISO 8601, UTC), `level`, `label`, `message`, `fax` and `call` where the message is about
/// one, and everything else that is known in `metadata`.
package struct JSONLogHandler: LogHandler {
    package var logLevel = Logger.Level.info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let clock: @Sendable () -> Timestamp
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes a whole line, its end too.
    package init(label: String, clock: @escaping @Sendable () -> Timestamp, write: @escaping @Sendable (String) -> Void) {
        self.label = label
        self.clock = clock
        self.write = write
    }

    /// To standard error, a line at a time.
    package static func standardError(label: String, clock: @escaping @Sendable () -> Timestamp) -> JSONLogHandler {
        JSONLogHandler(label: label, clock: clock) { StandardErrorLine.write($0) }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        for more in [metadataProvider?.get(), event.metadata] { all.merge(more ?? [:]) { $1 } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        var line = JSONText()
        line.member("ts", clock().description)
        line.member("level", event.level.rawValue)
        line.member("label", label)
        line.member("message", event.message.description)
        // What lines are looked for by stands where every tool finds it.
        for (name, key) in [("fax", "fax"), ("call", all["call"] == nil ? "call-id" : "call")] {
            switch all[key] {
            case .string(let text)?: line.member(name, text)
            case .stringConvertible(let value)?: line.member(name, "\(value)")
            default: continue
            }
            all[key] = nil
        }
        if !all.isEmpty { line.member("metadata", .dictionary(all)) }
        write(line.object + "\n")
    }
}

/// Keeps lines whole: several threads log, and a line may be longer than a pipe takes at once.
private enum StandardErrorLine {
    private static let lock = Mutex(())

    static func write(_ line: String) {
        lock.withLock { _ in
            var bytes = Array(line.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count > 0 {
                    bytes = bytes.dropFirst(count)
                } else if errno != EINTR {
                    // Nobody reads it, or there is no room: a log must not stop the server.
                    return
                }
            }
        }
    }
}
