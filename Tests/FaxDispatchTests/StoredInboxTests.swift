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

    @Test func `a received fax is there before its last page is confirmed`() async throws {
        try await TestHouse.with { house in
            let sent = [TestPages.page(1), TestPages.page(2), TestPages.page(3)]
            let begun = house.clock.now
            let reception = try await inbox(house).begin(
                InboundCall(reference: "call-1", to: "+15551230100", from: "+15551230111", trunk: "east"))
            await reception.identified(Negotiation(remoteIdentifier: "Quincy Clinic", bitRate: 9600, errorCorrection: true))
            for (index, page) in sent.enumerated() {
                #expect(try await house.store.inboundFaxes(limit: 9).isEmpty)
                house.clock.advance(by: .seconds(30))
                try await reception.append(page, .test(index, isLast: index == 2, badRows: index))
            }
            let fax = try #require(try await house.store.inboundFaxes(limit: 9).first)
            #expect(fax.status == "received")
            #expect(fax.reference == "call-1")
            #expect(fax.trunk == "east")
            #expect(fax.to == "+15551230100")
            #expect(fax.from == "+15551230111")
            #expect(fax.remoteIdentifier == "Quincy Clinic")
            #expect(fax.pages == 3)
            #expect(fax.bitRate == 9600)
            #expect(fax.createdAt == begun)
            #expect(fax.receivedAt == begun.advanced(by: .seconds(90)))
            #expect(fax.endedAt == nil && fax.endCode == nil)
            #expect(fax.quality.map(\.page) == [0, 1, 2] && fax.quality.map(\.badRows) == [0, 1, 2])
            #expect(fax.quality.last?.confirmedAt == fax.receivedAt)
            #expect(try await house.pages(of: fax) == sent)
        }
    }

    @Test func `the end of the call adds facts to a fax that is there, and changes nothing else`() async throws {
        try await TestHouse.with { house in
            for code in [0, 21] {
                let reception = try await inbox(house).begin(Self.call)
                try await reception.append(TestPages.page(1), .test(0))
                try await reception.append(TestPages.page(2), .test(1, isLast: true))
                house.clock.advance(by: .seconds(5))
                try await reception.finish(end(code, pages: 2))
                try await reception.breakOff()
                await #expect(throws: StoredReception.Over.self) { try await reception.append(TestPages.page(3), .test(2)) }
                let fax = try #require(try await house.store.inboundFaxes(limit: 9).first)
                #expect(fax.status == "received" && fax.pages == 2)
                #expect(fax.endedAt == house.clock.now && fax.endCode == code)
                #expect(fax.remoteIdentifier == "Quincy Clinic")
                house.clock.advance(by: .seconds(5))
            }
            #expect(try await house.store.inboundFaxes(limit: 9).count == 2)
            // The pages that were steps are gone.
            #expect(try await house.read("SELECT reception FROM reception_pages").isEmpty)
        }
    }

    @Test func `a call that breaks off after its last page leaves the whole fax`() async throws {
        try await TestHouse.with { house in
            let reception = try await inbox(house).begin(Self.call)
            try await reception.append(TestPages.page(1), .test(0, isLast: true))
            try await reception.breakOff()
            let fax = try #require(try await house.store.inboundFaxes(limit: 9).first)
            #expect(fax.status == "received" && fax.endCode == nil && fax.endedAt == house.clock.now)
        }
    }

    @Test func `a call that T30 ended badly leaves a partial fax`() async throws {
        try await TestHouse.with { house in
            let reception = try await inbox(house).begin(Self.call)
            try await reception.append(TestPages.page(1), .test(0))
            try await reception.finish(end(21, pages: 1))
            let fax = try #require(try await house.store.inboundFaxes(status: "partial", limit: 9).first)
            #expect(fax.endCode == 21 && fax.remoteIdentifier == "Quincy Clinic")
            #expect(try await house.pages(of: fax) == [TestPages.page(1)])
        }
    }

    @Test func `a call that broke off leaves what came of it`() async throws {
        try await TestHouse.with { house in
            let reception = try await inbox(house).begin(Self.call)
            for number in 1...2 { try await reception.append(TestPages.page(number), .test(number - 1)) }
            try await reception.breakOff()
            let fax = try #require(try await house.store.inboundFaxes(limit: 9).first)
            #expect(fax.status == "partial")
            #expect(fax.pages == 2)
            #expect(try await house.pages(of: fax) == [TestPages.page(1), TestPages.page(2)])
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
    private static let pageRefusal = "CREATE TRIGGER refuse BEFORE INSERT ON reception_pages BEGIN SELECT RAISE(ABORT, 'no'); END"

    /// Also when the server stops, which cancels the task that hands over.
    @Test(arguments: [false, true])
    func `a reception that is abandoned leaves nothing, also for the next start`(isCancelled: Bool) async throws {
        try await TestHouse.with { house in
            let reception = try await inbox(house).begin(Self.call)
            for number in 1...2 { try await reception.append(TestPages.page(number), .test(number - 1)) }
            await Task {
                if isCancelled { withUnsafeCurrentTask { $0?.cancel() } }
                await reception.abandon()
            }.value
            try await reception.breakOff()
            await #expect(throws: StoredReception.Over.self) { try await reception.append(TestPages.page(3), .test(2)) }
            #expect(try await inbox(house).recover() == 0)
            #expect(try await house.store.inboundFaxes(limit: 9).isEmpty)
            #expect(try await house.read("SELECT id FROM receptions").isEmpty)
            #expect(try await house.read("SELECT reception FROM reception_pages").isEmpty)
        }
    }

    /// The sender keeps what was not confirmed, and calls again.
    @Test(arguments: [false, true])
    func `a page that cannot be stored is an error at once, and the pages before it are kept`(isLast: Bool) async throws {
        try await TestHouse.with { house in
            let reception = try await inbox(house).begin(Self.call)
            try await reception.append(TestPages.page(1), .test(0))
            try await house.execute(isLast ? Self.refusal : Self.pageRefusal)
            await #expect(throws: (any Error).self) { try await reception.append(TestPages.page(2), .test(1, isLast: isLast)) }
            #expect(try house.blobs().isEmpty)
            try await house.execute("DROP TRIGGER refuse")
            try await reception.breakOff()
            let faxes = try await house.store.inboundFaxes(limit: 9)
            #expect(faxes.map(\.status) == ["partial"])
            #expect(try await house.pages(of: try #require(faxes.first)) == [TestPages.page(1)])
        }
    }

    /// The sender's machine was told that the pages arrived.
    @Test func `a fax whose row cannot be stored is tried until it can`() async throws {
        try await TestHouse.with { house in
            let paused = Signal()
            let inbox = inbox(house) {
                paused.send()
                try await house.execute("DROP TRIGGER refuse")
            }
            let reception = try await inbox.begin(Self.call)
            try await reception.append(TestPages.page(1), .test(0))
            try await house.execute(Self.refusal)
            try await reception.finish(end(0, pages: 1))
            await paused.wait()
            let faxes = try await house.store.inboundFaxes(limit: 9)
            #expect(faxes.map(\.status) == ["received"])
            #expect(try await house.pages(of: try #require(faxes.first)) == [TestPages.page(1)])
        }
    }

    @Test func `when the server stops first, the caller is told, and the next start has the fax`() async throws {
        try await TestHouse.with { house in
            let reception = try await inbox(house).begin(Self.call)
            try await reception.append(TestPages.page(1), .test(0))
            try await house.execute(Self.refusal)
            await #expect(throws: CancellationError.self) { try await reception.finish(end(0, pages: 1)) }
            #expect(try await house.store.inboundFaxes(limit: 9).isEmpty)
            // As long as it cannot be recorded, a start does not lose it either.
            #expect(try await inbox(house).recover() == 0)
            try await house.execute("DROP TRIGGER refuse")
            #expect(try await inbox(house).recover() == 1)
            #expect(try await inbox(house).recover() == 0)
            let fax = try #require(try await house.store.inboundFaxes(limit: 9).first)
            #expect(fax.status == "partial")
            #expect(try await house.pages(of: fax) == [TestPages.page(1)])
        }
    }
}

extension PageReport {
    static func test(_ page: Int, isLast: Bool = false, badRows: Int = 0) -> PageReport {
        PageReport(page: page, bitRate: 9600, errorCorrection: true, badRows: badRows, retries: 0, isLast: isLast)
    }
}

extension TestHouse {
    func pages(of fax: InboundRecord) async throws -> [FaxPage] {
        let reader = try TIFFReader(try await documents.open(fax.document).read(upTo: 10_000_000))
        return try (0..<reader.count).map { try reader.page(at: $0) }
    }
}
