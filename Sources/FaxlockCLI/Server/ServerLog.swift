import Logging
import Observability
import ServerSettings

/// The server's log, on standard error.
enum ServerLog {
    /// As `FAXLOCK_LOG_FORMAT` and `FAXLOCK_LOG_LEVEL` say.
    static func logger(_ settings: Settings) -> Logger {
        var logger = Logger(label: "faxlock") { label in
            switch settings.logFormat {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler.standardError(label: label, clock: SystemClock.now)
            }
        }
        logger.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        return logger
    }
}
