import Access
import FaxModel
import HTTPTypes
import Store

/// What a request to make a key asks for.
struct KeyRequest: Decodable {
    let name: String?
    let owner: String?
    let scopes: [String]?
    let expires_at: String?
    let addresses: [String]?
    let grants: [String]?
    let note: String?

    /// Ranges of a key, and grants: more than anybody has, few enough to look through at each request.
    private static let most = 64

    /// - Throws: 422.
    func wantedScopes() throws(Problem) -> Set<Scope> {
        var wanted: Set<Scope> = []
        for word in scopes ?? [Scope.faxSend.rawValue, Scope.faxRead.rawValue] {
            guard let scope = Scope(rawValue: word) else {
                let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.unprocessableContent, "The scopes are \(known).")
            }
            wanted.insert(scope)
        }
        return wanted
    }

    /// - Throws: 422.
    func expiry() throws(Problem) -> Timestamp? {
        guard let text = expires_at else { return nil }
        guard let expiry = Timestamp(iso8601: text) else { throw Problem(.unprocessableContent, "expires_at must be an ISO 8601 time.") }
        return expiry
    }

    /// - Returns: ranges in their canonical form.
    /// - Throws: 422.
    func ranges() throws(Problem) -> [String] {
        let texts = addresses ?? []
        let ranges = texts.compactMap { AddressRange($0)?.description }
        guard ranges.count == texts.count, ranges.count <= Self.most else {
            throw Problem(
                .unprocessableContent,
                "addresses must be up to \(Self.most) IP addresses or CIDR ranges, such as 192.0.2.7 or 2001:db8::/32.")
        }
        return ranges
    }

    /// - Throws: 422.
    func checkTexts() throws(Problem) {
        for (field, text, limit) in [("name", name, 200), ("owner", owner, 200), ("note", note, 1000)]
        where (text?.count ?? 0) > limit {
            throw Problem(.unprocessableContent, "The field \"\(field)\" holds at most \(limit) characters.")
        }
    }

    /// Reads words as `radiology:reader` or `*:auditor`.
    /// - Throws: 422.
    static func grants(_ words: [String]) throws(Problem) -> [Grant] {
        let grants = words.compactMap { Grant($0) }
        guard grants.count == words.count, grants.count <= most else {
            throw Problem(
                .unprocessableContent,
                "grants must be up to \(most) of mailbox:role or *:role, where the roles are "
                    + "\(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return grants
    }
}

extension Grant {
    /// As the database keeps it.
    var record: GrantRecord { GrantRecord(mailbox: mailbox ?? "*", role: role.rawValue) }
}
