import Access
import FaxModel
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore
import Store

/// The audit ledger for auditors (45 CFR 164.312(b), 164.308(a)(1)(ii)(D)): search it, and take it away to verify it elsewhere.
///
/// Events leave as the exact bytes that were hashed, so that whoever has them can prove them. Reading is an event too.
struct AuditRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let clock: @Sendable () -> Timestamp

    /// Leaves in one answer of `/admin/audit/leaves`: about 2 MB.
    private static let largestBatch = 5000

    func add(to router: Router<Context>) {
        router.get("/admin/audit/events") { request, context in try await search(request, context) }
        router.get("/admin/audit/leaves") { request, context in try await leaves(request, context) }
        router.get("/admin/audit/checkpoints") { request, context in try await checkpoints(request, context) }
        router.post("/admin/audit/checkpoints") { request, context in try await sign(request, context) }
        router.get("/admin/audit/evidence/{id}") { request, context in try await evidence(request, context) }
        router.get("/admin/audit/review") { request, context in try await review(request, context) }
        router.post("/admin/audit/review") { request, context in try await recordReview(request, context) }
    }

    /// The newest events that match, newest first, one a line.
    private func search(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
        let parameters = request.uri.queryParameters
        func text(_ name: String) -> String? { parameters[Substring(name)].map { String($0) }.flatMap { $0.isEmpty ? nil : $0 } }
        func time(_ name: String) throws(Problem) -> Timestamp? {
            guard let text = text(name) else { return nil }
            guard let time = Timestamp(iso8601: text) else {
                throw Problem(.unprocessableContent, "The parameter \"\(name)\" must be an ISO 8601 time.")
            }
            return time
        }
        var query = FaxStore.LedgerQuery()
        query.object = text("object")
        query.action = text("action")
        query.actor = text("actor")
        query.from = try time("from")
        query.to = try time("to")
        // Numbers and names are in the ledger as pseudonyms: whoever knows one finds its events.
        var details: [String: LedgerValue] = [:]
        if let person = text("person") {
            query.detail = try store.pseudonym(person: person)
            details["person"] = query.detail.map { .text($0) }
        } else if let number = text("number") {
            query.detail = try store.pseudonym(number: number)
            details["number"] = query.detail.map { .text($0) }
        }
        details["object"] = try query.object.map { .text(try traceable($0)) }
        details["action"] = try query.action.map { .text(try LedgerAction(rawValue: $0)?.rawValue ?? store.pseudonym(person: $0)) }
        details["actor"] = try query.actor.map { .text(try traceable($0)) }
        details["from"] = query.from.map { .text($0.description) }
        details["to"] = query.to.map { .text($0.description) }
        let before = try Self.number("before", request)
        let found = try await store.ledgerEntries(matching: query, before: before, limit: try PageLimit.read(request))
        details["events"] = .integer(Int64(found.count))
        // What was looked for, so that probing for somebody can be told from a review.
        try await store.record(LedgerEvent(.auditRead, object: "ledger", by: principal.initiator(request, context), details: details))
        return Self.lines(found)
    }

    /// Objects that have a name and no id, and the actor of `API_KEY`.
    private static let names: Set = ["access", "bootstrap", "keys", "ledger", "server", "vault"]
    /// Kinds of objects that have a name chosen by the operator or the server.
    private static let namedKinds: Set = ["associate", "backup", "epoch", "mailbox", "report", "setting"]
    private static let kinds: Set = ["fax", "key", "number", "person"]

    /// A filter as the ledger may keep it: what is no id, name or address of ours may be a person or a number typed in the wrong place,
    /// for which a pseudonym stands.
    private func traceable(_ filter: String) throws -> String {
        if Self.names.contains(filter) || NetworkAddress(filter) != nil { return filter }
        let parts = filter.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        if let id = parts.last, (1...128).contains(id.utf8.count) {
            // A number has 15 digits at most (ITU-T E.164).
            let isID = id.utf8.count >= 16 && id.allSatisfy { $0.isASCII && $0.isHexDigit }
            if isID, parts.count == 1 || Self.kinds.contains(parts[0]) { return filter }
            let isName = id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-:".contains($0)) }
            if isName, parts.count == 2, Self.namedKinds.contains(parts[0]) { return filter }
        }
        return try store.pseudonym(person: filter)
    }

    /// Leaves from `from` on, in order, one a line: what `faxlock audit export` reads.
    private func leaves(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
        let from = try Self.number("from", request) ?? 0
        let limit = min(Int(try Self.number("limit", request) ?? Int64(Self.largestBatch)), Self.largestBatch)
        let found = try await store.ledgerEntries(from: from, limit: limit)
        try await store.record(
            LedgerEvent(
                .auditRead, object: "ledger", by: principal.initiator(request, context),
                details: ["export": true, "from": .integer(from), "events": .integer(Int64(found.count))]))
        return Self.lines(found)
    }

    private struct Note: Encodable {
        let id: Int64
        let size: Int64
        let note: String
    }

    private func checkpoints(_ request: Request, _ context: Context) async throws -> Response {
        _ = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
        let notes = try await store.ledgerNotes(after: try Self.number("after", request) ?? 0, limit: Self.largestBatch)
        return try JSONBody(notes.map { Note(id: $0.id, size: $0.size, note: $0.note) }).response()
    }

    private struct Head: Encodable {
        let key: String
        let origin: String
        let id: Int64
        let size: Int64
        let note: String
    }

    /// Signs a checkpoint over everything so far, so that an export has no tail without one.
    private func sign(_ request: Request, _ context: Context) async throws -> Response {
        _ = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
        try await store.checkpointLedger(olderThan: .seconds(3600))
        guard let latest = try await store.latestLedgerNote() else {
            throw Problem(.notFound, "The ledger has no checkpoint yet, or is turned off (AUDIT_LOG_ENABLED).")
        }
        return try JSONBody(
            Head(
                key: "\(try await store.firstLedgerKey())", origin: store.ledger.key.origin, id: latest.id, size: latest.size,
                note: latest.note)
        ).response()
    }

    /// One fax's events with the proof that the newest checkpoint covers them.
    private func evidence(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
        guard let id = context.parameters.get("id").flatMap({ FaxID($0) }) else { throw Problem.noSuchFax }
        try await store.checkpointLedger(olderThan: .seconds(3600))
        guard let evidence = try await store.evidence(of: "fax/\(id)") else { throw Problem.noSuchFax }
        try await store.record(
            LedgerEvent(.auditRead, object: "fax/\(id)", by: principal.initiator(request, context), details: ["evidence": true]))
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try evidence.json)))
    }

    /// What a reviewer looks at (45 CFR 164.308(a)(1)(ii)(D)), of the days from `from` to `to`; by default the last seven.
    private func review(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
        let report = try await store.activity(try period(request))
        try await store.record(
            LedgerEvent(
                .auditRead, object: "ledger", by: principal.initiator(request, context),
                details: ["report": true, "from": .text(report.from), "to": .text(report.to)]))
        return try JSONBody(report).response()
    }

    /// That somebody looked is on the record.
    private func recordReview(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
        let period = try period(request)
        try await store.record(
            LedgerEvent(
                .activityReviewed, object: "ledger", by: principal.initiator(request, context),
                details: ["from": .text(period.lowerBound.description), "to": .text(period.upperBound.description)]))
        return try JSONBody(["status": "ok"]).response()
    }

    private func period(_ request: Request) throws(Problem) -> Range<Timestamp> {
        let parameters = request.uri.queryParameters
        let to = parameters["to"].flatMap { Timestamp(iso8601: String($0)) } ?? clock()
        let from = parameters["from"].flatMap { Timestamp(iso8601: String($0)) } ?? to.advanced(by: .seconds(-7 * 86_400))
        guard from < to else { throw Problem(.unprocessableContent, "The parameters \"from\" and \"to\" must be ISO 8601 times in order.") }
        return from..<to
    }

    private static func number(_ name: String, _ request: Request) throws(Problem) -> Int64? {
        guard let text = request.uri.queryParameters[Substring(name)] else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw Problem(.unprocessableContent, "The parameter \"\(name)\" must be a whole number.")
        }
        return number
    }

    private static func lines(_ entries: [FaxStore.LedgerEntry]) -> Response {
        var buffer = ByteBuffer()
        for entry in entries {
            buffer.writeBytes(entry.leaf)
            buffer.writeInteger(UInt8(ascii: "\n"))
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: buffer))
    }
}
