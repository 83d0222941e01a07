package import NIOPosix

/// Appends records to a file, a line each, on another volume than the ledger's if the operator can.
///
/// Delivered is what was synced to the disk. A rotation that moves the file is noticed at the next delivery, which makes a new one.
package actor FileSink: AuditSink {
    package nonisolated let name: String
    private let path: String
    private let line: @Sendable (AuditRecord) -> [UInt8]?
    private let pool: NIOThreadPool
    private var file: AppendFile?

    /// A file of all records.
    /// - Parameters:
    ///   - path: absolute; its folder exists. The file may exist.
    ///   - pool: a started pool, for calls that block.
    package init(path: String, formatter: AuditFormatter, pool: NIOThreadPool = .singleton) {
        self.init(name: "file", path: path, pool: pool) { formatter.line($0) }
    }

    /// - Parameter line: what is appended for a record; nil for nothing.
    init(name: String, path: String, pool: NIOThreadPool, line: @escaping @Sendable (AuditRecord) -> [UInt8]?) {
        self.name = name
        self.path = path
        self.pool = pool
        self.line = line
    }

    package func deliver(_ records: [AuditRecord]) async throws {
        file = try await pool.runIfActive { [file, path, line] in
            var lines: [UInt8] = []
            for record in records {
                guard let line = line(record) else { continue }
                lines.append(contentsOf: line)
                lines.append(0x0A)
            }
            let current = if let file, file.isInPlace { file } else { try AppendFile(path) }
            if !lines.isEmpty { try current.append(lines) }
            return current
        }
    }

    package func close() {
        file = nil
    }
}
