import Crypto
import FaxModel

/// A record as two lines of a bulk request: the action, then the document.
///
/// The document has the leaf's members as they are, `@timestamp`, and the whole leaf again in `leaf`, whose hash can be recomputed. Its id
/// says where it is in which ledger, so that a second delivery meets the first.
struct BulkDocument: Sendable, Hashable {
    let lines: [UInt8]
    /// For sentences.
    let name: String

    /// 16 hexadecimal digits of the SHA-256 of a leaf.
    static func digest(of json: [UInt8]) -> String {
        SHA256.hash(data: json).prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    init(_ record: AuditRecord, origin: String) {
        let event = AuditEvent(record)
        let id: String
        let document: [UInt8]
        switch record {
        case .leaf(let sequence, let json):
            // After a restore another event may have this number: the id tells them apart, or its 409 would look like a repeat.
            id = "\(origin)/\(sequence)/\(Self.digest(of: json))"
            name = "event \(sequence)"
            document = JSONText.object {
                $0.member("@timestamp", event.time.description)
                if event.leaf != nil, json.first == UInt8(ascii: "{"), json.last == UInt8(ascii: "}") {
                    $0.members(ofObject: json)
                } else {
                    $0.member("seq", sequence)
                    $0.member("action", event.action)
                }
                $0.member("leaf", utf8: String(decoding: json, as: UTF8.self).utf8)
            }
        case .checkpoint(let size, let note):
            // Two of one size differ in their time.
            id = "\(origin)/checkpoint/\(size)/\(event.time.milliseconds)"
            name = "the checkpoint of \(size) events"
            document = JSONText.object {
                $0.member("@timestamp", event.time.description)
                $0.member("action", event.action)
                $0.member("checkpoint", note)
            }
        }
        let action = JSONText.object { $0.member("create") { $0.member("_id", id) } }
        // The lines of a bulk request end at line breaks; in JSON they are white space.
        lines = (action + [0x0A] + document).enumerated().map { $0 == action.count || $1 != 0x0A && $1 != 0x0D ? $1 : 0x20 } + [0x0A]
    }
}
