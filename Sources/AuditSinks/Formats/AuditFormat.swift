/// How an event is written for its reader.
package enum AuditFormat: String, Sendable, Hashable, CaseIterable {
    /// The leaf as it is: the only form whose hash can be recomputed.
    case json
    /// ArcSight Common Event Format, version 0.
    case cef
    /// Open Cybersecurity Schema Framework.
    case ocsf
}

/// Writes records in a format, one line each.
package struct AuditFormatter: Sendable {
    package let format: AuditFormat
    /// The ledger's name, so that events of several servers stay apart.
    package let origin: String
    /// This program's version.
    package let version: String

    package init(_ format: AuditFormat, origin: String, version: String) {
        self.format = format
        self.origin = origin
        self.version = version
    }

    /// A record without line breaks in it and without one at its end.
    package func line(_ record: AuditRecord) -> [UInt8] {
        switch (format, record) {
        case (.json, .leaf(_, let json)):
            // White space outside of strings is all that a line break can be in JSON (RFC 8259 7); the ledger writes none.
            json.contains { $0 == 0x0A || $0 == 0x0D } ? json.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } : json
        case (.json, .checkpoint(_, let note)):
            JSONText.object { $0.member("checkpoint", note) }
        case (.cef, _):
            CEFLine.encode(AuditEvent(record), origin: origin, version: version)
        case (.ocsf, _):
            OCSFEvent.encode(AuditEvent(record), origin: origin, version: version)
        }
    }
}
