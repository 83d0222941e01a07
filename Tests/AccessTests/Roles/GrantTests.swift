import Access
import Testing

@Suite struct GrantTests {
    @Test(arguments: Role.allCases) func textComesBack(role: Role) throws {
        for mailbox in ["a", "radiology", "x-1", "-", String(repeating: "z", count: 64), "*"] {
            let grant = try #require(Grant("\(mailbox):\(role.rawValue)"))
            #expect(grant.role == role)
            #expect(grant.mailbox == (mailbox == "*" ? nil : mailbox))
            #expect(grant.description == "\(mailbox):\(role.rawValue)")
        }
    }

    @Test(
        arguments: [
            "", ":", "radiology", "radiology:", ":reader", "radiology:owner", "radiology:Reader", "Radiology:reader", "radiology:reader:",
            "radiology: reader", " radiology:reader", "radiology :reader", "**:reader", "radio*:reader", "radio_logy:reader", "ä:reader",
            "radiology:reader\n", "a.b:reader", "\(String(repeating: "z", count: 65)):reader", String(repeating: ":", count: 100_000),
        ])
    func malformedTextIsRefused(text: String) {
        #expect(Grant(text) == nil)
    }

    @Test func idsAreChecked() {
        #expect(Grant(.reader, in: "*") == nil)
        #expect(Grant(.reader, in: "") == nil)
        #expect(Grant(.reader, in: "radiology:x") == nil)
        #expect(Grant(.reader, in: "radiology") != nil)
    }
}
