import FaxModel
import Ledger
import Testing

/// A ledger in memory whose events and checkpoints a test, or an attacker, may change as he likes before it is exported.
struct SampleLedger {
    static let origin = "faxlock/5f2c81aa90de44b1"
    static let fax = "fax/0193f4c2-7a11-7c3e-9d55-000000000007"

    /// The real key, and one of an attacker.
    static func key(_ number: UInt8 = 1, origin: String = origin) throws -> LedgerKey {
        try #require(LedgerKey(origin: origin, seed: [UInt8](repeating: number, count: 32)))
    }

    var events: [LedgerEvent] = []
    /// All checkpoints, the oldest first.
    var notes: [SignedNote] = []
    /// What the export has as its latest checkpoint, when that is not the last of ``notes``.
    var latest: SignedNote?

    /// Without an event.
    init() {}

    /// `count` events, a checkpoint after each `interval` of them and at the end.
    init(count: Int, interval: Int, key: LedgerKey) throws {
        events = [Self.begun(key)]
        while events.count < count { events.append(Self.event(events.count)) }
        try sign(from: interval, interval: interval, key: key)
    }

    static func begun(_ key: LedgerKey) -> LedgerEvent {
        LedgerEvent(
            .ledgerBegun, object: "ledger", by: .system, details: ["key": .text("\(key.verifier)"), "origin": .text(key.origin)])
    }

    static func event(_ number: Int) -> LedgerEvent {
        let initiator = Initiator(
            .key, id: "5f2c81aa", client: "api", address: "127.0.0.1", reason: "treatment:ORDER-\(number)", requestID: "r\"\\\n\u{1}é€𝄞")
        let isOfFax = number.isMultiple(of: 37)
        return LedgerEvent(
            isOfFax ? .documentShredded : .faxStateChanged, object: isOfFax ? fax : "fax/\(number)", by: initiator,
            outcome: number.isMultiple(of: 5) ? .failure : .success,
            details: isOfFax
                ? ["sha256": .text("hash \(number % 2)"), "pages": 3]
                : ["state": "sent", "attempt": .integer(Int64(number)), "last": true])
    }

    var leaves: [[UInt8]] {
        events.enumerated().map { Leaf.encode($1, sequence: Int64($0), at: Self.time($0)) }
    }

    static func time(_ number: Int) -> Timestamp { Timestamp(milliseconds: 1_790_000_000_000 + Int64(number) * 1700) }

    func checkpoint(_ size: Int) -> Checkpoint {
        var frontier = Frontier()
        for leaf in leaves.prefix(size) { frontier.append(MerkleHash(leaf: leaf)) }
        return Checkpoint(origin: Self.origin, size: Int64(size), root: frontier.root, time: Self.time(size))
    }

    /// Signs checkpoints of the events as they are, at `first`, each `interval` on, and at the end.
    mutating func sign(from first: Int, interval: Int, key: LedgerKey) throws {
        for size in Set(stride(from: first, to: events.count, by: interval)).union([events.count]).sorted() {
            notes.append(try checkpoint(size).signed(by: key))
        }
    }

    /// Signs all checkpoints again, at the sizes that they have as far as there are events.
    mutating func signAgain(key: LedgerKey) throws {
        let sizes = notes.compactMap { Checkpoint(text: $0.text)?.size }.filter { $0 <= events.count }
        notes = try sizes.map { try checkpoint(Int($0)).signed(by: key) }
    }

    /// A checkpoint as an anchor keeps it: signed by the real key.
    func anchor(_ sizes: Int..., key: LedgerKey) throws -> [UInt8] {
        try sizes.flatMap { AnchorFile.line(try checkpoint($0).signed(by: key)) }
    }

    /// Writes the export, with all hashes computed as they must be for these events.
    func export(to path: String) throws {
        var notes: [SignedNote]? = notes
        var leaves: [[UInt8]]? = leaves
        let latest = try #require(latest ?? notes?.last)
        _ = try LedgerExport.write(
            to: path, checkpoint: latest, key: try Self.key().verifier,
            checkpoints: {
                defer { notes = nil }
                return notes
            },
            leaves: {
                defer { leaves = nil }
                return leaves
            })
    }
}
