package import Access
package import FaxModel
import HTTPTypes
package import Hummingbird
import Ledger
package import ServerSettings
package import Store

/// Who may do what: asked at the beginning of each route, before a byte of the body is read (45 CFR 164.312(a)(1), (d)).
package struct Authorisation: Sendable {
    let keys: APIKeys
    let people: People
    let limits: RequestLimits
    let refusals: RefusalRecord
    private let store: FaxStore
    /// Verifies bearer tokens; nil where none are accepted.
    private let tokens: BearerTokenVerifier?
    private let isReasonRequired: Bool

    package init(
        keys: APIKeys, store: FaxStore, settings: Settings, tokens: BearerTokenVerifier?, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.keys = keys
        self.store = store
        self.tokens = tokens
        isReasonRequired = settings.requiresReason
        people = People(store: store, clock: clock)
        limits = RequestLimits(settings: settings, clock: clock)
        refusals = RefusalRecord(store: store, clock: clock)
    }

    /// - Throws: a ``Problem``: 401 without a good credential, 403 when it lacks `scope` or comes from a wrong address, 429 when it asks
    ///   too often. Refusals are recorded.
    package func require(_ scope: Scope, _ request: Request, _ context: GatewayContext) async throws -> Principal {
        let principal = try await identify(request, context)
        do {
            try limits.admit(principal)
        } catch {
            await refusals.note(
                .rateLimited, .rateLimited, by: principal.initiator(request, context), object: "access", logger: context.logger)
            throw error
        }
        try await requireScope(scope, principal, request, context)
        return principal
    }

    /// Asks again, once the body was read: for as long as a client takes to send it, it may be revoked or lose rights.
    /// - Returns: the caller with the rights of now. It does not count against the limits once more.
    /// - Throws: as ``require(_:_:_:)``.
    func confirm(_ scope: Scope, _ request: Request, _ context: GatewayContext) async throws -> Principal {
        let principal = try await identify(request, context)
        try await requireScope(scope, principal, request, context)
        return principal
    }

    private func requireScope(_ scope: Scope, _ principal: Principal, _ request: Request, _ context: GatewayContext) async throws {
        guard principal.scopes.contains(scope) else {
            throw await denied(
                principal, "Insufficient scope: \(scope.rawValue) required", needing: scope.rawValue, request, context)
        }
    }

    /// As ``require(_:_:_:)``, for what concerns all mailboxes: who is held to roles needs one in `*` that permits it.
    package func require(
        _ scope: Scope, everywhere permission: Permission, _ request: Request, _ context: GatewayContext
    ) async throws -> Principal {
        let principal = try await require(scope, request, context)
        guard principal.may(permission) else {
            throw await denied(
                principal, "This concerns all mailboxes, and no role that you have in all of them permits it",
                needing: "*:\(permission.rawValue)", request, context)
        }
        return principal
    }

    /// For what is done to one fax, sent or received: who is held to roles needs one in its mailbox that permits it. Of a fax that does
    /// not exist they learn no more than of another's.
    /// - Throws: 403, recorded.
    func require(
        _ permission: Permission, to fax: FaxID, by principal: Principal, _ request: Request, _ context: GatewayContext
    ) async throws {
        guard try await principal.may(permission, to: fax, in: store) else {
            throw await denied(
                principal, "No role that you have in the mailbox of this fax permits it", needing: permission.rawValue, request, context)
        }
    }

    /// The refusal of something that a good credential does not permit, recorded.
    /// - Parameter right: what would be needed, in one word.
    func denied(
        _ principal: Principal, _ sentence: String, needing right: String, _ request: Request, _ context: GatewayContext
    ) async -> Problem {
        await refusals.note(
            .scopeDenied, .forbidden, by: principal.initiator(request, context), object: "access", details: ["needed": .text(right)],
            logger: context.logger)
        return Problem(.forbidden, sentence, closesConnection: true)
    }

    /// Why a document is opened.
    /// - Throws: a 400 ``Problem`` when the request says it malformed, or not at all where `FAXLOCK_REQUIRE_REASON` is set.
    @discardableResult
    func reason(_ request: Request) throws(Problem) -> AccessReason? {
        try request.accessReason(isRequired: isReasonRequired)
    }

    /// A wrong credential was shown.
    /// - Throws: `problem`, or 429 when it was one too many from this address.
    func refuse(
        _ problem: Problem, because cause: String, by initiator: Initiator, object: String = "access", _ context: GatewayContext
    ) async throws(Problem) -> Never {
        do {
            try limits.refused(context.address)
        } catch {
            await refusals.note(.rateLimited, .rateLimited, by: initiator, object: object, logger: context.logger)
            throw error
        }
        await refusals.note(
            .signInFailed, problem.status == .forbidden ? .forbidden : .unauthorized, by: initiator, object: object,
            details: ["cause": .text(cause)], logger: context.logger)
        throw problem
    }

    private func identify(_ request: Request, _ context: GatewayContext) async throws -> Principal {
        let stranger = Initiator(.anonymous, client: "api", address: context.address?.description, requestID: context.id)
        let principal: Principal
        switch Credential(request) {
        case .none:
            guard keys.isRequired else { return .anonymous }
            // Nothing was guessed: this does not count against the address.
            await refusals.note(
                .signInFailed, .unauthorized, by: stranger, object: "access", details: ["cause": "missing"], logger: context.logger)
            throw APIKeys.unauthorized
        case .key(let text):
            guard let found = keys.principal(presenting: text) else {
                try await refuse(APIKeys.unauthorized, because: "key", by: stranger, context)
            }
            principal = found
        case .token(let text):
            principal = try await person(presenting: text, stranger, request, context)
        }
        guard principal.addresses.isEmpty || isAllowed(context.address, principal.addresses) else {
            try await refuse(
                Problem(.forbidden, "This key may not be used from this address", closesConnection: true), because: "address",
                by: principal.initiator(request, context), object: "key/\(principal.id)", context)
        }
        if principal.kind == .key { keys.used(principal.id) }
        return principal
    }

    private func isAllowed(_ address: NetworkAddress?, _ ranges: [String]) -> Bool {
        guard let address else { return false }
        return ranges.contains { AddressRange($0)?.contains(address) ?? false }
    }

    private func person(
        presenting text: String, _ stranger: Initiator, _ request: Request, _ context: GatewayContext
    ) async throws -> Principal {
        guard let tokens else { try await refuse(APIKeys.unauthorized, because: "key", by: stranger, context) }
        let token: VerifiedToken
        do {
            token = try await tokens.verify(text)
        } catch {
            if error.isTemporary { throw Problem(.serviceUnavailable, error.description, retryAfter: 30, closesConnection: true) }
            try await refuse(
                Problem(.unauthorized, error.description, closesConnection: true), because: error.code, by: stranger, context)
        }
        let name = "\(token.issuer)|\(token.subject)"
        let principal = Principal(
            id: "person/\(try store.pseudonym(person: name))", kind: .person, owner: name,
            scopes: Set(token.scopes.compactMap { Scope(rawValue: $0) }), grants: token.grants, expiresAt: token.expiresAt)
        if try await people.isRevoked(name, issuedAt: token.issuedAt) {
            try await refuse(
                Problem(.unauthorized, "The person's access was revoked.", closesConnection: true), because: "revoked",
                by: principal.initiator(request, context), object: principal.id, context)
        }
        try await people.signedIn(name, as: principal.initiator(request, context))
        return principal
    }
}
