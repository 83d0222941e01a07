import Access
import Crypto
import FaxDispatch
import FaxModel
import HTTPTypes
import Hummingbird
import ServerSettings
import Store
import WorkerProtocol

/// What is done to a fax that was sent: withdraw it, send it again, hold it, let it go, say what came of it.
struct FaxActionRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let intake: Intake
    let recipients: RecipientRules?
    let gate: IdempotencyGate
    let clock: @Sendable () -> Timestamp

    private var access: FaxAccess { FaxAccess(authorisation: authorisation, store: store) }

    func add(to router: Router<Context>) {
        router.post("/fax/{id}/cancel") { request, context in try await cancel(request, context) }
        router.post("/fax/{id}/resend") { request, context in try await resend(request, context) }
        router.post("/fax/{id}/hold") { request, context in try await hold(request, context) }
        router.post("/fax/{id}/release") { request, context in try await release(request, context) }
        router.post("/fax/{id}/reconcile") { request, context in try await reconcile(request, context) }
    }

    /// 200 when it is cancelled, 202 when its call is being ended, 409 when it is too late.
    private func cancel(_ request: Request, _ context: Context) async throws -> Response {
        let (fax, principal) = try await access.operable(.faxSend, request, context)
        switch try await intake.cancel(fax.id, by: principal.initiator(request, context)) {
        case .cancelled: return try await job(fax.id).response()
        case .ending: return try await job(fax.id).response(.accepted)
        case .tooLate(.unknown):
            throw Problem(.conflict, "A call was made, and what came of it is not known: the fax may have arrived. Reconcile it.")
        case .tooLate(let state): throw Problem(.conflict, "It is too late: the fax is \(state.rawValue).")
        }
    }

    /// What may be said when a fax is sent again.
    private struct Resending: Codable {
        var to: String?
        var resolution: String?
        var priority: String?
        /// Although it is not known whether the first arrived.
        var force: Bool?
        var confirm: Bool?
    }

    private func resend(_ request: Request, _ context: Context) async throws -> Response {
        let (former, principal) = try await access.operable(.faxSend, request, context)
        guard principal.sends(from: former.mailbox) else {
            throw await authorisation.denied(
                principal, "Your role in this mailbox does not send faxes", needing: "sender", request, context)
        }
        // A copy of one's own can be opened, and be sent anywhere.
        guard principal.opens(former) else {
            throw await authorisation.denied(
                principal, "Your role in this fax's mailbox does not open documents, so you cannot send a copy", needing: "reader", request,
                context)
        }
        do {
            try await intake.requireAgreement()
        } catch let missing as AgreementRule.Missing {
            throw Problem(.serviceUnavailable, "Nothing was accepted: \(missing).", retryAfter: 3600)
        }
        let key = try IdempotencyKey.read(request)
        let accepted = try await gate.pass(key, of: principal.id) {
            let wish = try await JSONRequest.decode(
                Resending.self, request, expected: "\"to\", \"resolution\", \"priority\" (strings), \"force\", \"confirm\" (booleans)")
            // While the body came, rights may have gone.
            let now = try await authorisation.confirm(.faxSend, request, context)
            guard now.sends(from: former.mailbox), now.opens(former) else { throw Problem.noSuchFax }
            return try await resend(former, wish, key: key, by: now, request, context)
        }
        return try accepted.response()
    }

    private func resend(
        _ former: FaxRecord, _ wish: Resending, key: IdempotencyKey?, by principal: Principal, _ request: Request, _ context: Context
    ) async throws -> Submission.Acceptance {
        var mark: IdempotencyMark?
        if let key {
            let known = try store.idempotencyMark(key: key.text, owner: principal.id, digest: digest(former.id, wish))
            mark = known
            switch try await store.finding(for: known) {
            case .new: break
            case .other: throw IdempotencyGate.reused
            case .repeated(let ids, _):
                guard let id = ids.first, let fax = try await store.fax(id) else { throw Problem.noSuchFax }
                return Submission.Acceptance(faxes: [fax], isReplayed: true)
            }
        }
        try Self.check(former.state, isForced: wish.force ?? false)
        var copy = try wanted(former, wish, by: principal)
        let recipient = try await Recipient.check(
            wish.to ?? former.number.dialString, rules: recipients, owner: principal.id, mailbox: former.mailbox,
            isConfirmed: wish.confirm ?? false)
        copy.number = recipient.number
        copy.hold = recipient.hold
        copy.terms.numberWarnings = recipient.warnings
        copy.terms.expectedStation = recipient.expectedStation ?? (wish.to == nil ? former.terms.expectedStation : nil)
        if wish.to != nil {
            // They are the former recipient's.
            copy.terms.cover?.to = nil
            copy.terms.hours = nil
        }
        do {
            let fax = try await intake.resend(former, as: copy, mark: mark, by: principal.initiator(request, context))
            return Submission.Acceptance(faxes: [fax])
        } catch let moved as FaxStore.FaxMoved {
            throw Problem(.conflict, "The fax has moved on meanwhile: it is \(moved.state?.rawValue ?? "gone"). Nothing was sent.")
        } catch is FaxStore.KeyInUse {
            throw IdempotencyGate.underWay
        }
    }

    /// A second copy must not go out while the first may.
    private static func check(_ state: FaxState, isForced: Bool) throws(Problem) {
        if state == .unknown {
            guard isForced else {
                throw Problem(
                    .conflict,
                    "It is not known whether this fax arrived. Ask the recipient; then reconcile it, or send a second copy with \"force\": true."
                )
            }
        } else if !state.isTerminal {
            throw Problem(.conflict, "The fax is under way (\(state.rawValue)). Cancel it first, or wait for its end.")
        }
    }

    /// The former request without what belongs to its time.
    private func wanted(_ former: FaxRecord, _ wish: Resending, by principal: Principal) throws(Problem) -> Intake.Request {
        guard let format = PageJob.Format(rawValue: former.format), let paper = PageJob.Paper(rawValue: former.paper) else {
            throw Problem(.conflict, "The document's format is not known to this version.")
        }
        var terms = former.terms
        terms.sendAt = nil
        terms.notAfter = nil
        // Another's receiver is not told of this one's faxes.
        if principal.id != former.owner { terms.callbackURL = nil }
        if let word = wish.priority {
            guard let priority = Priority(rawValue: word) else {
                throw Problem(
                    .unprocessableContent, "The priority is one of: \(Priority.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            terms.priority = priority
        }
        var resolution = former.resolution
        if let word = wish.resolution {
            guard let given = Resolution(rawValue: word), given != .superfine else {
                throw Problem(.unprocessableContent, "The resolution is standard or fine.")
            }
            resolution = given
        }
        return Intake.Request(
            number: former.number, mailbox: former.mailbox, owner: principal.id, format: format, resolution: resolution, paper: paper,
            terms: terms)
    }

    private func digest(_ former: FaxID, _ wish: Resending) -> SHA256.Digest {
        let parts: [String?] = [
            "resend", former.text, wish.to, wish.resolution, wish.priority, wish.force.map { "\($0)" }, wish.confirm.map { "\($0)" },
        ]
        var digest = SHA256()
        for part in parts {
            let bytes = Array((part ?? "").utf8)
            digest.update(data: [part == nil ? 0 : 1] + withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { Array($0) })
            digest.update(data: bytes)
        }
        return digest.finalize()
    }

    /// 200 when it is held, 409 when it does not wait.
    private func hold(_ request: Request, _ context: Context) async throws -> Response {
        let (fax, principal) = try await access.operable(.faxSend, request, context)
        guard try await store.hold(fax.id, reason: .operatorHold, by: principal.initiator(request, context)) else {
            let state = try await store.fax(fax.id)?.state ?? fax.state
            throw Problem(.conflict, Self.whyNotHeld(state))
        }
        return try await job(fax.id).response()
    }

    private static func whyNotHeld(_ state: FaxState) -> String {
        switch state {
        case .accepted, .rendering: "The fax is \(state.rawValue): its pages are not ready. Try again in a moment, or cancel it."
        case .sending: "The fax is in a call. Cancelling ends it."
        case .held: "The fax is held already."
        // It came to wait a moment after it was asked to.
        case .queued, .scheduled: "The fax has moved meanwhile: it is \(state.rawValue). Try again."
        default: "It is too late: the fax is \(state.rawValue)."
        }
    }

    private func release(_ request: Request, _ context: Context) async throws -> Response {
        let (fax, principal) = try await access.operable(.faxSend, request, context)
        // What was not asked when it was taken in: a number may be on a list since then.
        _ = try await Recipient.check(
            fax.number.dialString, rules: recipients, owner: fax.owner, mailbox: fax.mailbox, isConfirmed: true, isCounted: true)
        guard try await intake.release(fax.id, by: principal.initiator(request, context)) else {
            let state = try await store.fax(fax.id)?.state ?? fax.state
            throw Problem(.conflict, "The fax is not held: it is \(state.rawValue).")
        }
        // The list has changed since it was asked.
        if let now = try await store.fax(fax.id), now.state == .held {
            throw Problem(.conflict, "The fax is held again: \(now.hold?.sentence ?? "its number was put on a list.")")
        }
        return try await job(fax.id).response()
    }

    private struct Finding: Decodable {
        let finding: String
        let evidence: String
    }

    /// What a person found out about an unknown outcome.
    private func reconcile(_ request: Request, _ context: Context) async throws -> Response {
        let (fax, _) = try await access.operable(.keysManage, request, context)
        let words = FaxEvent.Finding.allCases.map(\.rawValue).joined(separator: ", ")
        let said = try await JSONRequest.decode(
            Finding.self, request, expected: "\"finding\" (one of \(words)) and \"evidence\" (how it is known)")
        guard let finding = FaxEvent.Finding(rawValue: said.finding) else {
            throw Problem(.unprocessableContent, "The finding is one of: \(words).")
        }
        guard Self.isEvidence(said.evidence) else {
            throw Problem(
                .unprocessableContent,
                "The evidence is one line of 3 to 200 characters, without telephone numbers: it stands in the audit log.")
        }
        let now = try await access.confirmOperable(.keysManage, fax, request, context)
        guard try await intake.reconcile(fax.id, as: finding, evidence: said.evidence, by: now.initiator(request, context)) else {
            let state = try await store.fax(fax.id)?.state ?? fax.state
            throw Problem(.conflict, "The outcome of this fax is known: it is \(state.rawValue).")
        }
        return try await job(fax.id).response()
    }

    /// The audit log keeps no numbers; names cannot be told from other words.
    private static func isEvidence(_ text: String) -> Bool {
        guard (3...200).contains(text.count), text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            return false
        }
        let digits = text.filter { !" -.()/+".contains($0) }
        return digits.firstMatch(of: /[0-9]{7}/) == nil
    }

    private func job(_ id: FaxID) async throws -> JSONBody<FaxDocument> {
        guard let fax = try await store.fax(id) else { throw Problem.noSuchFax }
        return JSONBody(FaxDocument(fax, withAttempts: true))
    }
}
