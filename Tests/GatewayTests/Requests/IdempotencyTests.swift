import FaxDispatch
import FaxModel
import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import Store
import Testing
import WorkerProtocol

@testable import Gateway

/// A request that is sent again sends nothing again.
@Suite struct IdempotencyTests {
    private static let form = TestForm(.field("to", "+15551230100"), .field("tags", "a"), .file(TestForm.text))

    private func named(_ key: String, _ headers: HTTPFields = .bootstrap) -> HTTPFields {
        var headers = headers
        headers[.idempotencyKey] = key
        return headers
    }

    @Test func theSameAgainIsTheSameAnswer() async throws {
        try await TestGateway.run { gateway, client in
            let first = try await client.send(Self.form, named("order-7"))
            #expect(first.status == .accepted)
            #expect(first.headers[.idempotencyReplayed] == nil)
            for key in ["order-7", "\"order-7\""] {
                let again = try await client.send(Self.form, named(key))
                #expect(again.status == .accepted)
                #expect(again.headers[.idempotencyReplayed] == "true")
                #expect(again.headers[.location] == first.headers[.location])
                #expect(try again.json() == first.json())
            }
            // The fields' order is the form's own affair.
            let turned = TestForm(.file(TestForm.text, name: "other.txt"), .field("tags", "a"), .field("to", "+15551230100"))
            #expect(try await client.send(turned, named("order-7")).headers[.location] == first.headers[.location])
            #expect(try await gateway.store.faxes(limit: 9).count == 1)
            #expect(try gateway.blobs().count == 1)
            #expect(gateway.wakes.count == 1)
            // It is answered as the fax is now.
            let id = try #require(FaxID(try first.json()["id"]?.text ?? ""))
            _ = try await gateway.store.cancel(id, by: .system)
            #expect(try await client.send(Self.form, named("order-7")).json()["state"] == "cancelled")
        }
    }

    @Test func anotherRequestUnderTheSameKeyIsRefused() async throws {
        try await TestGateway.run { gateway, client in
            #expect(try await client.send(Self.form, named("k")).status == .accepted)
            let others = [
                TestForm(.field("to", "+15551230101"), .field("tags", "a"), .file(TestForm.text)),
                TestForm(.field("to", "+15551230100"), .field("tags", "b"), .file(TestForm.text)),
                TestForm(.field("to", "+15551230100"), .file(TestForm.text)),
                TestForm(.field("to", "+15551230100"), .field("tags", "a"), .file(TestForm.text + [0x0A])),
                TestForm(.field("to", "+15551230100"), .field("tags", "a"), .field("cover", "true"), .file(TestForm.text)),
                // Not even a value that is wrong.
                TestForm(.field("to", "x"), .field("tags", "a"), .file(TestForm.text)),
            ]
            for other in others {
                let response = try await client.send(other, named("k"))
                #expect(response.status == .unprocessableContent)
                #expect(response.detail?.contains("Idempotency-Key") == true)
            }
            #expect(try await gateway.store.faxes(limit: 9).count == 1)
            #expect(try gateway.blobs().count == 1)
        }
    }

    @Test func keysOfDifferentOwnersNeverMeet() async throws {
        try await TestGateway.run { gateway, client in
            let mine = HTTPFields.key(try await gateway.key(.faxSend, .faxRead))
            #expect(try await client.send(Self.form, named("k")).status == .accepted)
            let response = try await client.send(Self.form, named("k", mine))
            #expect(response.status == .accepted)
            #expect(response.headers[.idempotencyReplayed] == nil)
            #expect(try await gateway.store.faxes(limit: 9).count == 2)
        }
    }

    @Test func whatWasRefusedMayBeCorrected() async throws {
        try await TestGateway.run { gateway, client async throws in
            #expect(try await client.send(TestForm(.field("to", "x"), .file(TestForm.text)), named("k")).status == .badRequest)
            #expect(try await client.send(Self.form, named("k")).status == .accepted)
            #expect(try gateway.blobs().count == 1)
        }
    }

    @Test func aMalformedKeyIsRefusedBeforeAnythingIsRead() async throws {
        try await TestGateway.run { gateway, client async throws in
            for key in ["", "a b", "\"", String(repeating: "k", count: 256)] {
                #expect(try await client.send(Self.form, named(key)).status == .badRequest, "\(key)")
            }
            var twice = HTTPFields.bootstrap
            twice.append(HTTPField(name: .idempotencyKey, value: "a"))
            twice.append(HTTPField(name: .idempotencyKey, value: "b"))
            #expect(try await client.send(Self.form, twice).status == .badRequest)
            try await gateway.expectNothing()
        }
    }

    @Test func twentyAtOnceAreOneFax() async throws {
        try await TestGateway.run { gateway, client in
            let answers = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let response = try await client.send(Self.form, named("k"))
                        return (response.status.code, response.headers[.location])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.0)).isSubset(of: [202, 409]))
            #expect(answers.contains { $0.0 == 202 })
            #expect(Set(answers.compactMap(\.1)).count == 1)
            #expect(try await gateway.store.faxes(limit: 99).count == 1)
            #expect(try gateway.blobs().count == 1)
        }
    }

    /// The database decides, where two servers or a race in this one would not.
    @Test func theDatabaseTakesAKeyOnce() async throws {
        try await TestGateway.run { gateway, client async throws in
            let mark = try gateway.store.idempotencyMark(key: "k", owner: "o", digest: [1])
            func submit() async throws {
                let writer = try await gateway.intake.beginDocument()
                try await writer.append(TestForm.text)
                _ = try await gateway.intake.submit(
                    [
                        .init(
                            number: try #require(PhoneNumber("+15551230100")), owner: "o", format: .text, resolution: .fine, paper: .letter)
                    ], document: try await gateway.intake.seal(writer), mark: mark, by: .system)
            }
            try await submit()
            await #expect(throws: FaxStore.KeyInUse.self) { try await submit() }
            #expect(try await gateway.store.faxes(limit: 9).count == 1)
            #expect(try gateway.blobs().count == 1)
            gateway.clock.advance(by: FaxStore.idempotencyLifetime)
            try await submit()
            #expect(try await gateway.store.faxes(limit: 9).count == 2)
        }
    }

    @Test func itIsForgottenAfterADay() async throws {
        try await TestGateway.run { gateway, client in
            let first = try await client.send(Self.form, named("k"))
            gateway.clock.advance(by: .seconds(24 * 3600 - 1))
            #expect(try await gateway.store.forgetIdempotencyKeys() == 0)
            #expect(try await client.send(Self.form, named("k")).headers[.location] == first.headers[.location])
            gateway.clock.advance(by: .seconds(1))
            #expect(try await gateway.store.forgetIdempotencyKeys() == 1)
            let second = try await client.send(Self.form, named("k"))
            #expect(second.status == .accepted)
            #expect(second.headers[.location] != first.headers[.location])
        }
    }

    @Test func aBatchIsRepeatedAsAWhole() async throws {
        try await TestGateway.run { gateway, client in
            let form = TestForm(.field("to", "+15551230100,+15551230101"), .file(TestForm.text))
            let first = try await client.send(form, named("k"))
            let again = try await client.send(form, named("k"))
            #expect(first.status == .accepted && again.status == .accepted)
            #expect(again.headers[.idempotencyReplayed] == "true")
            #expect(try again.json() == first.json())
            #expect(try await gateway.store.faxes(limit: 9).count == 2)
            #expect(try gateway.blobs().count == 2)
        }
    }

    /// What is stored of a key and of what it was used for tells nothing of either.
    @Test func onlyHashesAreStored() async throws {
        try await TestGateway.run { gateway, client in
            _ = try await client.send(
                TestForm(.field("to", "+15551230100"), .field("tags", "Quillfeather"), .file(TestForm.text)), named("patient-Quillfeather"))
            let database = try DatabaseQueue(path: gateway.path + "/faxlock.db")
            let rows = try await database.read { database in
                try ["idempotency_keys", "fax_tags", "faxes"].flatMap { try Row.fetchAll(database, sql: "SELECT * FROM \($0)") }
                    .flatMap {
                        $0.databaseValues.map { "\($0)" + (Data.fromDatabaseValue($0).map { String(decoding: $0, as: UTF8.self) } ?? "") }
                    }
            }
            try database.close()
            #expect(rows.count > 20)
            for row in rows { #expect(!row.contains("Quillfeather") && !row.contains("5551230100")) }
        }
    }
}
