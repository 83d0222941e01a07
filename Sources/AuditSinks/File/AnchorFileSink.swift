package import NIOPosix

/// Appends the ledger's checkpoints, and nothing else, to a file: a line `{"note":"..."}` each. A ledger that was rolled back or forked does
/// not fit to it (C2SP tlog-checkpoint). It has no PHI and may lie anywhere, best where the server's machine can only append.
package actor AnchorFileSink: AuditSink {
    package nonisolated let name = "anchor"
    private let file: FileSink

    /// The source of its pump may leave out leaves.
    /// - Parameters: as of ``FileSink``.
    package init(path: String, pool: NIOThreadPool = .singleton) {
        file = FileSink(name: name, path: path, pool: pool) { record in
            guard case .checkpoint(_, let note) = record else { return nil }
            return JSONText.object { $0.member("note", note) }
        }
    }

    package func deliver(_ records: [AuditRecord]) async throws {
        try await file.deliver(records)
    }

    package func close() async {
        await file.close()
    }
}
