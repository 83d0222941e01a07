import AuditSinks
import Doctor
import FaxModel
import Ledger
import Logging
import ServerSettings
import Store

/// The places outside of the database that get the ledger's events and checkpoints, as the settings name them.
struct Sinks {
    let pumps: [SinkPump]

    /// - Throws: ``Server/Refusal`` when a setting is missing or a sink cannot be made of it.
    init(settings: Settings, store: FaxStore, logger: Logger) async throws {
        let formatter = AuditFormatter(
            AuditFormat(rawValue: settings.auditFormat.rawValue) ?? .json, origin: store.ledger.key.origin, version: Faxlock.version)
        var sinks: [any AuditSink] = []
        do {
            if let path = settings.auditFile { sinks.append(FileSink(path: path, formatter: formatter)) }
            if let path = settings.auditAnchorFile { sinks.append(AnchorFileSink(path: path)) }
            if settings.sendsAuditToSyslog { sinks.append(try Self.syslog(settings, formatter)) }
            if let url = settings.auditElasticsearchURL {
                let server = try ElasticsearchServer(
                    url: url, stream: settings.auditElasticsearchStream,
                    credentials: settings.auditElasticsearchKey.map { .apiKey($0.value) } ?? .none,
                    authorities: settings.auditElasticsearchAuthority)
                sinks.append(try ElasticsearchSink(server, origin: store.ledger.key.origin))
            }
        } catch let error as AuditSinkError {
            throw Server.Refusal(message: "An audit sink cannot be set up: \(error).")
        }
        var pumps: [SinkPump] = []
        for sink in sinks {
            let name = sink.name
            let start = try await store.position(ofSink: name)
            pumps.append(
                SinkPump(
                    sink, from: SinkPosition(sequence: start.event, checkpointSize: start.checkpoint),
                    // Syslog does not acknowledge: what may have been lost with the last connection is sent again.
                    repeating: name == "syslog" ? 1000 : 0, source: Self.source(of: store, sink: name), now: SystemClock.now,
                    logger: logger))
        }
        self.pumps = pumps
    }

    /// How each of them is doing.
    var conditions: [ServerFacts.Sink] {
        get async {
            var found: [ServerFacts.Sink] = []
            for pump in pumps {
                let status = await pump.status
                found.append(
                    ServerFacts.Sink(
                        name: status.name, position: status.position.sequence, last_success: status.lastSuccess?.description,
                        last_error: status.lastError, backlog_since: status.backlogSince?.description))
            }
            return found
        }
    }

    private static func syslog(_ settings: Settings, _ formatter: AuditFormatter) throws -> SyslogSink {
        guard let address = settings.auditSyslogAddress else {
            throw Server.Refusal(message: "AUDIT_LOG_SYSLOG needs AUDIT_LOG_SYSLOG_ADDRESS=host:port of a syslog server with TLS.")
        }
        var client: SyslogTLS.ClientCertificate?
        if let chain = settings.auditSyslogCertificate {
            guard let key = settings.auditSyslogKey else {
                throw Server.Refusal(message: "FAXLOCK_AUDIT_SYSLOG_CERTIFICATE needs FAXLOCK_AUDIT_SYSLOG_KEY.")
            }
            client = SyslogTLS.ClientCertificate(chain: chain, key: key)
        }
        return SyslogSink(
            endpoint: try SyslogEndpoint(address), tls: SyslogTLS(authorities: settings.auditSyslogAuthority, client: client),
            formatter: formatter)
    }

    /// Leaves in order; the checkpoints that cover them after them.
    private static func source(of store: FaxStore, sink: String) -> SinkSource {
        SinkSource(
            next: { position, limit in
                let leaves = try await store.ledgerEntries(from: position.sequence + 1, limit: limit)
                var records = leaves.map { AuditRecord.leaf(sequence: $0.sequence, json: $0.leaf) }
                guard records.count < limit else { return records }
                let notes = try await store.ledgerNotes(largerThan: position.checkpointSize, limit: limit - records.count)
                records += notes.map { .checkpoint(size: $0.size, note: $0.note) }
                return records
            },
            advance: { position in
                try await store.advance(sink: sink, event: position.sequence, checkpoint: position.checkpointSize)
            })
    }
}
