import FaxModel
import FoundationEssentials

/// A record taken apart, for formats that name its members. Total: what cannot be read becomes an event that says so, since no record
/// may stop those after it.
struct AuditEvent: Sendable {
    /// The action of a checkpoint, which has no leaf.
    static let checkpointAction = "ledger.checkpoint"
    /// The action of a leaf that is not what the ledger writes.
    static let unreadableAction = "ledger.unreadable"

    /// The leaf's number; a checkpoint's size.
    let number: Int64
    let time: Timestamp
    let action: String
    let leaf: LeafMembers?
    /// The signed note, or what was in an unreadable leaf.
    let text: String?

    init(_ record: AuditRecord) {
        switch record {
        case .leaf(let sequence, let json):
            number = sequence
            leaf = try? JSONDecoder().decode(LeafMembers.self, from: Data(json))
            time = leaf.flatMap { LedgerTime.read($0.ts) } ?? Timestamp(milliseconds: 0)
            action = leaf?.action ?? Self.unreadableAction
            text = leaf == nil ? String(decoding: json, as: UTF8.self) : nil
        case .checkpoint(let size, let note):
            number = size
            leaf = nil
            time = Self.time(ofNote: note)
            action = Self.checkpointAction
            text = note
        }
    }

    var isCheckpoint: Bool { action == Self.checkpointAction && leaf == nil }

    /// `key.first_used` as `Key first used`.
    var caption: String {
        let words = String(action.map { $0 == "." || $0 == "_" ? " " : $0 })
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// A checkpoint that is here was made.
    var outcome: String { leaf?.outcome ?? (isCheckpoint ? "success" : "unknown") }

    /// The line `time <ISO 8601>` of the ledger's checkpoints.
    private static func time(ofNote note: String) -> Timestamp {
        let line = note.split(separator: "\n").first { $0.hasPrefix("time ") }
        return line.flatMap { LedgerTime.read(String($0.dropFirst(5))) } ?? Timestamp(milliseconds: 0)
    }
}

/// The members of a leaf.
struct LeafMembers: Sendable, Decodable {
    struct Actor: Sendable, Decodable {
        let type: String
        let id: String
        let client: String
        let address: String?
    }

    /// A fact in the details.
    enum Fact: Sendable, Decodable, Hashable {
        case text(String)
        case integer(Int64)
        case boolean(Bool)
        /// Something that this version's ledger does not write.
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let number = try? container.decode(Int64.self) {
                self = .integer(number)
            } else if let flag = try? container.decode(Bool.self) {
                self = .boolean(flag)
            } else {
                self = .other
            }
        }
    }

    let v: Int
    let ts: String
    let actor: Actor
    let action: String
    let object: String
    let reason: String?
    let outcome: String
    let request_id: String?
    let details: [String: Fact]

    /// The details as JSON, by name.
    func writeDetails(to json: inout JSONText) {
        for (name, fact) in details.sorted(by: { $0.key < $1.key }) {
            switch fact {
            case .text(let text): json.member(name, text)
            case .integer(let number): json.member(name, number)
            case .boolean(let flag): json.member(name, flag)
            case .other: json.member(name, nil as String?)
            }
        }
    }
}
