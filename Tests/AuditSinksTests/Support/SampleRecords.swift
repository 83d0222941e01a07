import AuditSinks
import Foundation

/// Leaves in the ledger's own form, and checkpoints. All values are invented.
enum SampleRecords {
    static let origin = "fax.example/ledger"
    static let time = "2026-11-22T08:30:00.123Z"
    /// The same in ms.
    static let milliseconds = 1_795_336_200_123

    /// A leaf from members as JSON text.
    static func leaf(
        _ sequence: Int64, action: String = "content.released", actor: String = #""key""#, id: String = #""k1""#,
        client: String = #""api""#, address: String = #""192.0.2.7""#, object: String = #""fax/0193""#,
        reason: String = #""treatment""#, outcome: String = #""success""#, request: String = #""r-1""#, details: String = "{}"
    ) -> AuditRecord {
        let text =
            #"{"v":1,"seq":\#(sequence),"ts":"\#(time)","actor":{"type":\#(actor),"id":\#(id),"client":\#(client),"address":\#(address)},"#
            + #""action":"\#(action)","object":\#(object),"reason":\#(reason),"outcome":\#(outcome),"request_id":\#(request),"#
            + #""details":\#(details)}"#
        return .leaf(sequence: sequence, json: Array(text.utf8))
    }

    /// JSON of a string.
    static func json(_ text: String) -> String {
        guard let data = try? JSONEncoder().encode(text) else { return "\"\"" }
        return String(decoding: data, as: UTF8.self)
    }

    static func note(_ size: Int64) -> String {
        "\(origin)\n\(size)\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\ntime \(time)\n\n\u{2014} \(origin) AAAAAAA=\n"
    }

    static func checkpoint(_ size: Int64) -> AuditRecord { .checkpoint(size: size, note: note(size)) }

    /// Leaves 0..<count, some with hostile text, and a checkpoint after each `interval`.
    static func ledger(_ count: Int64, checkpointEvery interval: Int64 = .max) -> [AuditRecord] {
        (0..<count).flatMap { sequence in
            let text = ["plain", "quote \" ] \\ = |", "line\nbreak\ttab", "Grüße \u{1F4E0}"][Int(sequence % 4)]
            let record = leaf(sequence, details: #"{"note":\#(json(text)),"pages":\#(sequence)}"#)
            return (sequence + 1) % interval == 0 ? [record, checkpoint(sequence + 1)] : [record]
        }
    }
}

extension AuditFormatter {
    /// A line as text.
    func text(_ record: AuditRecord) -> String { String(decoding: line(record), as: UTF8.self) }

    static func sample(_ format: AuditFormat) -> AuditFormatter {
        AuditFormatter(format, origin: SampleRecords.origin, version: "1.0")
    }
}
