import Access
import Testing

/// Role by permission, own and foreign fax, same and other mailbox, written out (45 CFR 164.312(a)(1), 164.514(d)).
@Suite struct RoleMatrixTests {
    struct Row: Sendable {
        let role: Role
        let permission: Permission
        /// In the mailbox of the grant: about one's own fax, about anything else.
        let own: Bool
        let foreign: Bool

        init(_ role: Role, _ permission: Permission, own: Bool, foreign: Bool) {
            self.role = role
            self.permission = permission
            self.own = own
            self.foreign = foreign
        }
    }

    static let table = [
        Row(.sender, .sendFax, own: true, foreign: true),
        Row(.sender, .seeOwnFaxes, own: true, foreign: false),
        Row(.sender, .listFaxes, own: false, foreign: false),
        Row(.sender, .openDocuments, own: true, foreign: false),
        Row(.sender, .operateQueue, own: false, foreign: false),
        Row(.sender, .readAudit, own: false, foreign: false),
        Row(.sender, .manageMailbox, own: false, foreign: false),
        Row(.sender, .manageKeys, own: false, foreign: false),

        Row(.reader, .sendFax, own: false, foreign: false),
        Row(.reader, .seeOwnFaxes, own: true, foreign: false),
        Row(.reader, .listFaxes, own: true, foreign: true),
        Row(.reader, .openDocuments, own: true, foreign: true),
        Row(.reader, .operateQueue, own: false, foreign: false),
        Row(.reader, .readAudit, own: false, foreign: false),
        Row(.reader, .manageMailbox, own: false, foreign: false),
        Row(.reader, .manageKeys, own: false, foreign: false),

        Row(.operator, .sendFax, own: false, foreign: false),
        Row(.operator, .seeOwnFaxes, own: true, foreign: false),
        Row(.operator, .listFaxes, own: true, foreign: true),
        Row(.operator, .openDocuments, own: false, foreign: false),
        Row(.operator, .operateQueue, own: true, foreign: true),
        Row(.operator, .readAudit, own: false, foreign: false),
        Row(.operator, .manageMailbox, own: false, foreign: false),
        Row(.operator, .manageKeys, own: false, foreign: false),

        Row(.auditor, .sendFax, own: false, foreign: false),
        Row(.auditor, .seeOwnFaxes, own: true, foreign: false),
        Row(.auditor, .listFaxes, own: true, foreign: true),
        Row(.auditor, .openDocuments, own: false, foreign: false),
        Row(.auditor, .operateQueue, own: false, foreign: false),
        Row(.auditor, .readAudit, own: true, foreign: true),
        Row(.auditor, .manageMailbox, own: false, foreign: false),
        Row(.auditor, .manageKeys, own: false, foreign: false),

        Row(.administrator, .sendFax, own: true, foreign: true),
        Row(.administrator, .seeOwnFaxes, own: true, foreign: false),
        Row(.administrator, .listFaxes, own: true, foreign: true),
        Row(.administrator, .openDocuments, own: true, foreign: true),
        Row(.administrator, .operateQueue, own: true, foreign: true),
        Row(.administrator, .readAudit, own: true, foreign: true),
        Row(.administrator, .manageMailbox, own: true, foreign: true),
        Row(.administrator, .manageKeys, own: true, foreign: true),
    ]

    @Test func tableIsExhaustive() {
        let rows = Set(Self.table.map { "\($0.role) \($0.permission)" })
        #expect(rows.count == Self.table.count)
        #expect(rows.count == Role.allCases.count * Permission.allCases.count)
    }

    @Test(arguments: table) func grantInOneMailbox(row: Row) throws {
        let grants = Grants([try #require(Grant(row.role, in: "radiology"))])
        #expect(grants.allows(row.permission, in: "radiology", isOwn: true) == row.own)
        #expect(grants.allows(row.permission, in: "radiology", isOwn: false) == row.foreign)
        for other in ["billing", "radiology-2", "radio", "Radiology", "*", ""] {
            #expect(!grants.allows(row.permission, in: other, isOwn: true))
            #expect(!grants.allows(row.permission, in: other, isOwn: false))
        }
        #expect(!grants.allowsEverywhere(row.permission))
        #expect(grants.mailboxes(allowing: row.permission) == .only(row.foreign ? ["radiology"] : []))
    }

    @Test(arguments: table) func grantInAllMailboxes(row: Row) throws {
        let grants = Grants([try #require(Grant(row.role, in: nil))])
        for mailbox in ["radiology", "billing"] {
            #expect(grants.allows(row.permission, in: mailbox, isOwn: true) == row.own)
            #expect(grants.allows(row.permission, in: mailbox, isOwn: false) == row.foreign)
        }
        #expect(grants.allowsEverywhere(row.permission) == row.foreign)
        #expect(grants.mailboxes(allowing: row.permission) == (row.foreign ? .all : .only([])))
    }

    @Test func nothingIsPermittedWithoutGrants() {
        for permission in Permission.allCases {
            #expect(!Grants().allows(permission, in: "radiology", isOwn: true))
            #expect(!Grants().allowsEverywhere(permission))
            #expect(Grants().mailboxes(allowing: permission).isEmpty)
        }
    }

    @Test(arguments: [
        (Role.sender, true, false), (.reader, true, true), (.operator, true, true), (.auditor, true, true), (.administrator, true, true),
    ])
    func whoSeesAFax(role: Role, own: Bool, foreign: Bool) throws {
        let grants = Grants([try #require(Grant(role, in: "radiology"))])
        #expect(grants.allowsSeeingFax(in: "radiology", isOwn: true) == own)
        #expect(grants.allowsSeeingFax(in: "radiology", isOwn: false) == foreign)
        #expect(!grants.allowsSeeingFax(in: "billing", isOwn: true))
    }

    @Test func grantsAddUpWithinTheirMailboxes() throws {
        let grants = Grants(["radiology:operator", "billing:reader", "*:auditor"].compactMap { Grant($0) })
        #expect(grants.allows(.operateQueue, in: "radiology", isOwn: false))
        #expect(!grants.allows(.operateQueue, in: "billing", isOwn: false))
        #expect(grants.allows(.openDocuments, in: "billing", isOwn: false))
        #expect(!grants.allows(.openDocuments, in: "radiology", isOwn: false))
        #expect(grants.allows(.readAudit, in: "billing", isOwn: false))
        #expect(grants.mailboxes(allowing: .openDocuments) == .only(["billing"]))
        #expect(grants.mailboxes(allowing: .listFaxes) == .all)
        #expect(Mailboxes.all.contains("anything"))
        #expect(!Mailboxes.only(["a"]).contains("b"))
    }
}
