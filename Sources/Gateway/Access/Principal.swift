import Access
import FaxModel
import HTTPTypes
package import Hummingbird
package import Ledger
package import Store

/// Who makes a request, as far as the credential tells.
package struct Principal: Sendable {
    /// The key's id; `person/<pseudonym>` for a bearer token; `bootstrap` for `API_KEY`, `anonymous` where no key is required.
    package let id: String
    package let kind: Initiator.Kind
    /// The person or system behind the credential: its credentials are revoked together. Never in logs.
    let owner: String
    package let scopes: Set<Scope>
    let grants: Grants
    /// From where the credential works; empty: from everywhere.
    let addresses: [String]
    let expiresAt: Timestamp?

    init(
        id: String, kind: Initiator.Kind, owner: String, scopes: Set<Scope>, grants: Grants = Grants(), addresses: [String] = [],
        expiresAt: Timestamp? = nil
    ) {
        self.id = id
        self.kind = kind
        self.owner = owner
        self.scopes = scopes
        self.grants = grants
        self.addresses = addresses
        self.expiresAt = expiresAt
    }

    static let bootstrap = Principal(id: "bootstrap", kind: .key, owner: "bootstrap", scopes: Set(Scope.allCases))
    static let anonymous = Principal(id: "anonymous", kind: .anonymous, owner: "anonymous", scopes: Set(Scope.allCases))

    /// Whether the person behind it goes by this name too: an owner of keys, or `issuer|subject` of a token. In doubt it is so.
    func isOwned(by name: String) -> Bool {
        let (own, name) = (owner.lowercased(), name.lowercased())
        return own == name || own.hasSuffix("|" + name) || name.hasSuffix("|" + own)
    }

    /// The caller as the ledger names it, with the reason that the request gives.
    package func initiator(_ request: Request, _ context: GatewayContext) -> Initiator {
        Initiator(
            kind, id: kind == .anonymous ? "" : id, client: "api", address: context.address?.description,
            reason: (try? request.accessReason())?.description, requestID: context.id)
    }
}

/// What a caller may see and do in mailboxes (45 CFR 164.308(a)(4)).
extension Principal {
    /// Whether nothing is kept from it that its scopes name: who manages keys and is not held to mailboxes by grants.
    var seesAll: Bool { scopes.contains(.keysManage) && !grants.isBinding }

    /// Whether the fax exists as far as this caller is concerned.
    func sees(_ fax: FaxRecord) -> Bool {
        seesAll || fax.owner == id || grants.allowsSeeingFax(in: fax.mailbox, isOwn: false)
    }

    /// Whether it may read what the fax says. Who sent it has read it.
    func opens(_ fax: FaxRecord) -> Bool {
        seesAll || fax.owner == id || grants.allows(.openDocuments, in: fax.mailbox, isOwn: false)
    }

    /// Where it may do something with received faxes: a key without grants may everywhere, as the contract has it.
    func inboundMailboxes(allowing permission: Permission) -> Mailboxes {
        grants.isBinding ? grants.mailboxes(allowing: permission) : .all
    }

    /// Whether it may send from a mailbox.
    func sends(from mailbox: String) -> Bool {
        !grants.isBinding || grants.allows(.sendFax, in: mailbox, isOwn: true)
    }

    /// Where a fax goes out from that names no mailbox.
    var defaultMailbox: String {
        let named = Set(grants.all.map(\.mailbox))
        if named.count == 1, let only = named.first, let mailbox = only { return mailbox }
        return Mailbox.main
    }

    /// Whether it may do what concerns all mailboxes.
    func may(_ permission: Permission) -> Bool {
        !grants.isBinding || grants.allowsEverywhere(permission)
    }

    /// Whether it may do something to a fax, sent or received.
    func may(_ permission: Permission, to fax: FaxID, in store: FaxStore) async throws -> Bool {
        if may(permission) { return true }
        var mailbox = try await store.fax(fax)?.mailbox
        if mailbox == nil { mailbox = try await store.inboundFax(fax)?.mailbox }
        return mailbox.map { grants.allows(permission, in: $0, isOwn: false) } ?? false
    }

    /// Whether it may give or take this grant.
    func grantsOthers(_ grant: Grant) -> Bool {
        if seesAll { return true }
        guard scopes.contains(.keysManage) else { return false }
        return grant.mailbox.map { grants.allows(.manageKeys, in: $0, isOwn: false) } ?? grants.allowsEverywhere(.manageKeys)
    }

    /// Whether it may list, change and revoke a key: who is held to mailboxes manages the keys that are held to those of them.
    func manages(_ key: APIKeyRecord) -> Bool {
        seesAll
            || !key.grants.isEmpty && Grants(key.grants).all.count == key.grants.count && Grants(key.grants).all.allSatisfy(grantsOthers)
    }
}

extension Grants {
    /// The grants of a key. One that cannot be read (a role of another release, a damaged row) denies all that roles bound: without it
    /// the key could do more than was granted.
    init(_ records: [GrantRecord]) {
        let grants = records.compactMap { Grant("\($0.mailbox):\($0.role)") }
        self = grants.count == records.count ? Grants(grants) : .nothing
    }
}
