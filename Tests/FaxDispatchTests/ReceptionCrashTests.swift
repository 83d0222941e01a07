import Backends
import FaxDispatch
import FaxModel
import Foundation
import Ledger
import Store
import Synchronization
import Testing
import Vault
import WorkerProtocol

/// What a kill -9 leaves, at each step of a reception: the data folder is copied there, and another server starts on the copy.
@Suite struct ReceptionCrashTests {
    private static let call = InboundCall(reference: "call-1", to: "+15551230100", from: "+15551230111", trunk: "east")
    private static let sent = (1...4).map { TestPages.page($0) }

    /// Copies of a data folder, with the pages that the sender had been told of.
    private final class Copies: Sendable {
        struct Copy: Sendable {
            let step: StoredInbox.Step
            let path: String
            let confirmed: Int
        }

        private let source: String
        private let state = Mutex<(confirmed: Int, copies: [Copy])>((0, []))

        init(of source: String) { self.source = source }

        var all: [Copy] { state.withLock { $0.copies } }

        func confirm() { state.withLock { $0.confirmed += 1 } }

        func take(_ step: StoredInbox.Step) throws {
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("faxlock-dispatch-\(UUID())").path
            try FileManager.default.copyItem(atPath: source, toPath: path)
            state.withLock { $0.copies.append(Copy(step: step, path: path, confirmed: $0.confirmed)) }
        }

        func remove() {
            for copy in all { try? FileManager.default.removeItem(atPath: copy.path) }
        }
    }

    private func inbox(_ house: TestHouse, _ copies: Copies? = nil) -> StoredInbox {
        StoredInbox(
            documents: house.documents, backend: "line", clock: house.clock.function, logger: house.logger,
            pause: { throw CancellationError() }, at: { try copies?.take($0) })
    }

    /// Receives the pages and returns what stood on the disk at each step.
    private func receive(_ pages: [FaxPage], in house: TestHouse, _ copies: Copies, isCut: Bool = false) async throws {
        let reception = try await inbox(house, copies).begin(Self.call)
        await reception.identified(Negotiation(remoteIdentifier: "Quincy Clinic", bitRate: 9600, errorCorrection: true))
        for (index, page) in pages.enumerated() {
            try await reception.append(page, .test(index, isLast: !isCut && index == pages.count - 1))
            copies.confirm()
        }
        try await reception.breakOff()
    }

    private func problems(in house: TestHouse) async throws -> [String] {
        try await IntegrityCheck(documents: house.documents).run(by: .system).problems.map { "\($0.kind) \($0.document ?? "")" }
    }

    @Test func `every page that was confirmed is there after a kill, once, at each step`() async throws {
        try await TestHouse.with { house in
            let copies = Copies(of: house.path)
            defer { copies.remove() }
            try await receive(Self.sent, in: house, copies)
            #expect(copies.all.map(\.step) == [.pageStored, .pageStored, .pageStored, .sealed, .received])
            for copy in copies.all {
                let next = try await TestHouse(path: copy.path, key: house.key, clock: TestClock(house.clock.now))
                defer { try? next.store.close() }
                // The proof of blobs finds nothing wrong, before and after.
                #expect(try await problems(in: next) == [], "\(copy.step)")
                let recovered = try await inbox(next).recover()
                #expect(try await inbox(next).recover() == 0)
                let faxes = try await next.store.inboundFaxes(limit: 9)
                #expect(faxes.count == 1, "\(copy.step)")
                let fax = try #require(faxes.first)
                let pages = try await next.pages(of: fax)
                if copy.step == .received {
                    #expect(recovered == 0 && fax.status == "received" && pages == Self.sent)
                } else {
                    // A page may be durable and not yet confirmed.
                    #expect(recovered == 1 && fax.status == "partial" && pages.count >= copy.confirmed)
                    #expect(pages == Array(Self.sent.prefix(pages.count)))
                }
                #expect(fax.trunk == "east" && fax.remoteIdentifier == "Quincy Clinic" && fax.from == "+15551230111")
                #expect(fax.quality.count == pages.count && fax.pages == pages.count)
                #expect(try await next.read("SELECT reception FROM reception_pages").isEmpty)
                next.clock.advance(by: .seconds(1000))
                _ = try await next.documents.removeOrphans(before: next.clock.now)
                #expect(try next.blobs().count == 1)
                #expect(try await problems(in: next) == [], "\(copy.step)")
            }
        }
    }

    @Test func `a kill in mid recovery changes nothing`() async throws {
        try await TestHouse.with { house in
            let first = Copies(of: house.path)
            defer { first.remove() }
            try await receive(Array(Self.sent.prefix(3)), in: house, first, isCut: true)
            let cut = try #require(first.all.last { $0.step == .pageStored })
            #expect(cut.confirmed == 2)
            let next = try await TestHouse(path: cut.path, key: house.key, clock: house.clock)
            let second = Copies(of: cut.path)
            defer { second.remove() }
            #expect(try await inbox(next, second).recover() == 1)
            try next.store.close()
            #expect(second.all.map(\.step) == [.sealed, .received])
            for copy in second.all {
                let last = try await TestHouse(path: copy.path, key: house.key, clock: house.clock)
                #expect(try await inbox(last).recover() == (copy.step == .sealed ? 1 : 0))
                let faxes = try await last.store.inboundFaxes(limit: 9)
                #expect(faxes.map(\.status) == ["partial"])
                #expect(try await last.pages(of: try #require(faxes.first)) == Array(Self.sent.prefix(3)))
                try last.store.close()
            }
        }
    }

    @Test func `a reception that cannot be read does not keep the others`() async throws {
        try await TestHouse.with { house in
            for page in 1...2 {
                let reception = try await inbox(house).begin(Self.call)
                try await reception.append(TestPages.page(page), .test(0))
                house.clock.advance(by: .seconds(1))
            }
            try await house.execute("UPDATE reception_pages SET sealed = x'00' WHERE reception = (SELECT min(id) FROM receptions)")
            #expect(try await inbox(house).recover() == 1)
            let faxes = try await house.store.inboundFaxes(limit: 9)
            #expect(faxes.count == 1)
            #expect(try await house.pages(of: try #require(faxes.first)) == [TestPages.page(2)])
            // Kept for whoever mends it.
            #expect(try await house.store.openReceptions().count == 1)
        }
    }
}
