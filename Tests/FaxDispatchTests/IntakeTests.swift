import FaxModel
import Ledger
import Store
import Testing
import Vault
import WorkerProtocol

@testable import FaxDispatch

@Suite struct IntakeTests {
    private func intake(_ house: TestHouse, isDisabled: Bool = false, wake: @escaping @Sendable () -> Void = {}) -> Intake {
        Intake(documents: house.documents, backend: "line", isDisabled: isDisabled, clock: house.clock.function, wake: wake)
    }

    private func submit(_ intake: Intake) async throws -> FaxRecord {
        let writer = try await intake.beginDocument()
        try await writer.append(Array("invented".utf8))
        let number = try #require(PhoneNumber("+15551230100"))
        return try await intake.submit(
            .init(number: number, owner: "key_1", format: .text, resolution: .fine, paper: .a4), document: writer, by: .system)
    }

    @Test func `a submitted fax is durable, and the dispatcher is woken after that`() async throws {
        try await TestHouse.with { house in
            let woken = Signal()
            let fax = try await submit(intake(house) { woken.send() })
            await woken.wait()
            let next = try await house.restarted()
            defer { try? next.store.close() }
            let kept = try await next.fax(fax.id)
            #expect(kept.state == .accepted)
            #expect(kept.number.dialString == "+15551230100")
            #expect(kept.owner == "key_1")
            #expect(kept.paper == "a4")
            #expect(try await next.documents.open(kept.document).read(upTo: 99) == Array("invented".utf8))
        }
    }

    @Test func `while faxing is disabled, a fax is kept and not queued`() async throws {
        try await TestHouse.with { house in
            let fax = try await submit(intake(house, isDisabled: true))
            #expect(try await house.fax(fax.id).state == .disabled)
            #expect(try await house.store.faxes(in: .accepted, limit: 9).isEmpty)
        }
    }

    @Test func `a fax that the database does not take leaves nothing`() async throws {
        try await TestHouse.with { house in
            try await house.execute("CREATE TRIGGER refuse BEFORE INSERT ON faxes BEGIN SELECT RAISE(ABORT, 'no'); END")
            let woken = Signal()
            let intake = intake(house) { woken.send() }
            await #expect(throws: (any Error).self) { _ = try await submit(intake) }
            #expect(try house.blobs().isEmpty)
            #expect(try await house.store.faxes(limit: 9).isEmpty)
        }
    }
}
