import Backends
import FaxModel
import Imaging
import Logging
import Store
import Testing
import Vault
import WorkerProtocol

@testable import FaxDispatch

@Suite struct StoredInboxTests {
    private static let call = InboundCall(reference: "call-1", to: "+15551230100", from: "+15551230111")

    private func inbox(
        _ house: TestHouse, pause: @escaping @Sendable () async throws -> Void = { throw CancellationError() }
    ) -> StoredInbox {
        StoredInbox(documents: house.documents, backend: "line", clock: house.clock.function, logger: house.logger, pause: pause)
    }

    private func end(_ code: Int, pages: Int) -> CallEnd {
        CallEnd(code: code, meaning: "", pages: pages, remoteIdentifier: "Quincy Clinic", bitRate: 9600, errorCorrection: true)
    }

    private func pages(of fax: InboundRecord, in house: TestHouse) async throws -> [FaxPage] {
        let reader = try TIFFReader(try await house.documents.open(fax.document).read(upTo: 10_000_000))
        return try (0..<reader.count).map { try reader.page(at: $0) }
    }

    @Test func `a received fax has its pages and who sent it`() async throws {
        try await TestHouse.with { house in
            let sent = [TestPages.page(1), TestPages.page(2), TestPages.page(3)]
            let begun = house.clock.now
            let reception = try await inbox(house).begin(Self.call)
            for page in sent { try await reception.append(page) }
            house.clock.advance(by: .seconds(90))
            try await reception.finish(end(0, pages: 3))
            let faxes = try await house.store.inboundFaxes(limit: 9)
            #expect(faxes.count == 1)
            let fax = try #require(faxes.first)
            #expect(fax.status == "received")
            #expect(fax.reference == "call-1")
            #expect(fax.to == "+15551230100")
            #expect(fax.from == "+15551230111")
            #expect(fax.remoteIdentifier == "Quincy Clinic")
            #expect(fax.pages == 3)
            #expect(fax.bitRate == 9600)
            #expect(fax.createdAt == begun)
            #expect(fax.receivedAt == begun.advanced(by: .seconds(90)))
            #expect(try await pages(of: fax, in: house) == sent)
        }
    }

    @Test func `a call that T30 ended badly leaves a partial fax`() async throws {
        try await TestHouse.with { house in
            let reception = try await inbox(house).begin(Self.call)
            try await reception.append(TestPages.page(1))
            try await reception.finish(end(21, pages: 1))
            let fax = try #require(try await house.store.inboundFaxes(status: "partial", limit: 9).first)
            #expect(try await pages(of: fax, in: house) == [TestPages.page(1)])
        }
    }

    @Test func `a call that broke off leaves what came of it`() async throws {
        try await TestHouse.with { house in
            let reception = try await inbox(house).begin(Self.call)
            for number in 1...2 { try await reception.append(TestPages.page(number)) }
            try await reception.breakOff()
            let fax = try #require(try await house.store.inboundFaxes(limit: 9).first)
            #expect(fax.status == "partial")
            #expect(fax.pages == 2)
            #expect(try await pages(of: fax, in: house) == [TestPages.page(1), TestPages.page(2)])
        }
    }

    @Test func `a call without a page leaves nothing`() async throws {
        try await TestHouse.with { house in
            try await inbox(house).begin(Self.call).finish(end(0, pages: 0))
            try await inbox(house).begin(Self.call).breakOff()
            #expect(try await house.store.inboundFaxes(limit: 9).isEmpty)
            #expect(try house.blobs().isEmpty)
        }
    }

    private static let refusal = "CREATE TRIGGER refuse BEFORE INSERT ON inbound BEGIN SELECT RAISE(ABORT, 'no'); END"

    /// The sender's machine was told that the pages arrived.
    @Test func `a fax whose row cannot be stored is tried until it can`() async throws {
        try await TestHouse.with { house in
            try await house.execute(Self.refusal)
            let paused = Signal()
            let inbox = inbox(house) {
                paused.send()
                try await house.execute("DROP TRIGGER refuse")
            }
            let reception = try await inbox.begin(Self.call)
            try await reception.append(TestPages.page(1))
            try await reception.finish(end(0, pages: 1))
            await paused.wait()
            let faxes = try await house.store.inboundFaxes(limit: 9)
            #expect(faxes.map(\.status) == ["received"])
            #expect(try await pages(of: try #require(faxes.first), in: house) == [TestPages.page(1)])
        }
    }

    @Test func `when the server stops first, the caller is told`() async throws {
        try await TestHouse.with { house in
            try await house.execute(Self.refusal)
            let reception = try await inbox(house).begin(Self.call)
            try await reception.append(TestPages.page(1))
            await #expect(throws: CancellationError.self) { try await reception.finish(end(0, pages: 1)) }
            #expect(try await house.store.inboundFaxes(limit: 9).isEmpty)
        }
    }
}
