import FaxModel
import Testing
import Vault

@testable import Store

@Suite struct InboundTests {
    static func record(
        _ id: FaxID, to: String = "+15551230100", status: String = "received", reference: String = "call", document: StoredDocument
    ) -> InboundRecord {
        InboundRecord(
            id: id, status: status, backend: "line", reference: reference, to: to, from: "+15551230177",
            remoteIdentifier: "Quincy Clinic", pages: 2, document: document.id, bitRate: 14_400, errorCorrection: true,
            createdAt: Timestamp(milliseconds: 5), receivedAt: Timestamp(milliseconds: 9))
    }

    private func receive(_ number: Int, to: String, status: String = "received", in test: TestStore) async throws {
        let document = try await test.document("received\(number)", kind: .received)
        try await test.store.receive(Self.record(test.id(number), to: to, status: status, document: document), document: document)
    }

    @Test func `what came in is read back`() async throws {
        try await TestStore.with { test in
            try await receive(1, to: "+15551230142", in: test)
            let fax = try #require(try await test.store.inboundFax(test.id(1)))
            #expect(fax.id == test.id(1))
            #expect(fax.status == "received")
            #expect(fax.backend == "line")
            #expect(fax.reference == "call")
            #expect(fax.to == "+15551230142")
            #expect(fax.from == "+15551230177")
            #expect(fax.remoteIdentifier == "Quincy Clinic")
            #expect(fax.pages == 2)
            #expect(fax.document.rawValue == "received1")
            #expect(fax.bitRate == 14_400)
            #expect(fax.errorCorrection)
            #expect(fax.createdAt.milliseconds == 5)
            #expect(fax.receivedAt.milliseconds == 9)
            #expect(try await test.store.document(fax.document).kind == .received)
            #expect(try await test.store.inboundFax(test.id(2)) == nil)
        }
    }

    @Test func `a number is found with and without its plus, and no other is`() async throws {
        try await TestStore.with { test in
            try await receive(1, to: "+15551230142", in: test)
            try await receive(2, to: "15551230142", in: test)
            try await receive(3, to: "+15551230143", in: test)
            for asked in ["+15551230142", "15551230142"] {
                #expect(try await test.store.inboundFaxes(to: asked, limit: 9).map(\.id) == [test.id(2), test.id(1)])
            }
            for asked in ["5551230142", "+1555123014", "%", ""] {
                #expect(try await test.store.inboundFaxes(to: asked, limit: 9).isEmpty)
            }
        }
    }

    @Test func `the list is newest first, by status, and no longer than asked`() async throws {
        try await TestStore.with { test in
            for number in 1...4 { try await receive(number, to: "+15551230100", status: number == 2 ? "partial" : "received", in: test) }
            #expect(try await test.store.inboundFaxes(limit: 2).map(\.id) == [test.id(4), test.id(3)])
            #expect(try await test.store.inboundFaxes(status: "partial", limit: 9).map(\.id) == [test.id(2)])
            #expect(try await test.store.inboundFaxes(to: "+15551230100", status: "received", limit: 9).count == 3)
        }
    }

    @Test func `a row without its document is not stored`() async throws {
        try await TestStore.with { test in
            try await receive(1, to: "+15551230100", in: test)
            await #expect(throws: (any Error).self) { try await receive(1, to: "+15551230100", in: test) }
            #expect(try await test.count(of: "inbound") == 1)
        }
    }
}
