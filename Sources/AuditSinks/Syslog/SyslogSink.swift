import Glibc
package import NIOPosix

/// Sends records to a syslog server over TLS (RFC 5424, RFC 5425), whose certificate and name are verified.
///
/// Delivered means handed to a live connection: syslog has no acknowledgement. When the connection broke, what was written in the last
/// 60 s before (at most ``maximumCount`` messages) is sent again before anything new, so nothing is lost unless this process ends at that same
/// moment, or the receiver loses what it has read; it sees some messages twice and knows them by `seq` (`size` of a checkpoint). An end in
/// good order waits for the server's own goodbye, which comes after it has read all.
package actor SyslogSink: AuditSink {
    /// Messages that are kept for a broken connection, and their bytes.
    package static let maximumCount = 10_000
    static let maximumBytes = 16 << 20

    package nonisolated let name = "syslog"
    private let endpoint: SyslogEndpoint
    private let tls: SyslogTLS
    private let message: SyslogMessage
    private let pool: NIOThreadPool
    private var connection: SyslogConnection?
    private var window = ResendWindow(maximumCount: maximumCount, maximumBytes: maximumBytes)

    /// - Parameters:
    ///   - host: this machine's name, for HOSTNAME; nil for the system's.
    ///   - pool: a started pool, for reading certificate files.
    package init(
        endpoint: SyslogEndpoint, tls: SyslogTLS, formatter: AuditFormatter, host: String? = nil, pool: NIOThreadPool = .singleton
    ) {
        self.endpoint = endpoint
        self.tls = tls
        message = SyslogMessage(formatter: formatter, host: host ?? Self.hostName(), processID: getpid())
        self.pool = pool
    }

    package func deliver(_ records: [AuditRecord]) async throws {
        let connection = try await current()
        let frames = records.map(message.frame)
        do {
            try await connection.write(frames)
        } catch {
            self.connection = nil
            throw error
        }
        window.append(frames, at: .now)
    }

    package func close() async {
        await connection?.close()
        connection = nil
    }

    /// The connection that lives, or a new one, on which what the old one may have lost was sent.
    private func current() async throws -> SyslogConnection {
        if let connection, connection.isOpen { return connection }
        connection = nil
        let new = try await SyslogConnection.open(to: endpoint, tls: tls, pool: pool)
        // Nothing is too old here: its age counted while the connection lived.
        try await new.write(window.contents)
        connection = new
        return new
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
