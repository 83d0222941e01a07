/// All that somebody has been granted. Nothing is permitted that no grant permits.
package struct Grants: Sendable, Hashable {
    package let all: Set<Grant>
    /// Whether its holder is held to what is granted, which may be nothing; false where nobody ever spoke of roles.
    package let isBinding: Bool

    package init(_ grants: some Sequence<Grant> = []) {
        all = Set(grants)
        isBinding = !all.isEmpty
    }

    private init(isBinding: Bool) {
        all = []
        self.isBinding = isBinding
    }

    /// Permits nothing that roles bound: of one whose roles cannot be told, or who was said to have none.
    package static let nothing = Grants(isBinding: true)

    /// Whether something may be done in a mailbox.
    /// - Parameter isOwn: whether it is about one fax, sent by the one who asks.
    package func allows(_ permission: Permission, in mailbox: String, isOwn: Bool) -> Bool {
        allows(permission, isOwn: isOwn) { $0 == nil || $0 == mailbox }
    }

    /// Whether something may be done that concerns all mailboxes: only a grant in `*` permits it.
    package func allowsEverywhere(_ permission: Permission) -> Bool {
        allows(permission, isOwn: false) { $0 == nil }
    }

    /// Whether the state and metadata of one fax may be shown.
    package func allowsSeeingFax(in mailbox: String, isOwn: Bool) -> Bool {
        allows(.listFaxes, in: mailbox, isOwn: isOwn) || allows(.seeOwnFaxes, in: mailbox, isOwn: isOwn)
    }

    /// Where something may be done with all that is in the mailbox: what a query is narrowed to.
    package func mailboxes(allowing permission: Permission) -> Mailboxes {
        let grants = all.filter { $0.role.permissions[permission] == .all }
        let names = grants.compactMap(\.mailbox)
        return names.count < grants.count ? .all : .only(Set(names))
    }

    private func allows(_ permission: Permission, isOwn: Bool, where isInMailbox: (String?) -> Bool) -> Bool {
        all.contains { grant in
            guard isInMailbox(grant.mailbox), let reach = grant.role.permissions[permission] else { return false }
            return reach == .all || isOwn
        }
    }
}
