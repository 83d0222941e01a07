import Store

/// Who makes a request, as far as its key tells.
struct Principal: Sendable {
    /// The key's id; `bootstrap` for `API_KEY`, `anonymous` where no key is required.
    let id: String
    let scopes: Set<Scope>
    /// Whether it may see the faxes of others: those who manage keys may.
    var seesAll: Bool { scopes.contains(.keysManage) }

    static let bootstrap = Principal(id: "bootstrap", scopes: Set(Scope.allCases))
    static let anonymous = Principal(id: "anonymous", scopes: Set(Scope.allCases))
}
