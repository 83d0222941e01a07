import Crypto
import FaxDispatch
import FaxModel
import Foundation
import GRDB
import Ledger
import Store
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

/// Keys with roles, faxes of mailboxes, and what the ledger says of it all.
extension TestGateway {
    /// A key that has these scopes and grants. Its id and its token.
    func key(
        _ scopes: Set<Scope>, owner: String = "", addresses: [String] = [], grants: [String] = []
    ) async throws -> (id: String, token: String) {
        let made = try await keys.create(
            name: "", owner: owner, scopes: scopes, expiresAt: nil, note: "", addresses: addresses,
            grants: try KeyRequest.grants(grants).map(\.record), by: .system)
        return (made.key.id, made.token)
    }

    /// A fax of a mailbox, whoever is said to have sent it, whose pages are ready.
    func fax(owner: String, in mailbox: String = Mailbox.main) async throws -> FaxID {
        let document = try await intake.beginDocument()
        try await document.append(TestForm.text)
        let fax = try await intake.submit(
            .init(
                number: try #require(PhoneNumber("+15551230100")), mailbox: mailbox, owner: owner, format: .text, resolution: .fine,
                paper: .letter),
            document: document, by: .system)
        try await render(fax.id, TestGateway.pages(1))
        return fax.id
    }

    /// A fax that came to this mailbox, whose number is made up and leads there.
    func received(in mailbox: String, number: String) async throws -> FaxID {
        var generator = SystemRandomNumberGenerator()
        let document = try await image(TestGateway.pages(1), .received)
        let fax = InboundRecord(
            id: FaxID(now: clock.now, using: &generator), mailbox: mailbox, status: "received", backend: "line", reference: number,
            to: number, from: "+15551230101", remoteIdentifier: "", pages: 1, document: document.id, bitRate: 14_400,
            errorCorrection: true, createdAt: clock.now, receivedAt: clock.now)
        try await store.receive(fax, document: document)
        return fax.id
    }

    func mailbox(_ id: String, numbers: [String]? = nil) async throws {
        try await store.save(Mailbox(id: id), numbers: numbers, by: .system)
    }

    /// An event of the ledger as an auditor reads it.
    struct Event: Decodable, Sendable {
        struct Actor: Decodable, Sendable {
            let type: String
            let id: String?
            let address: String?
        }

        let action: String
        let object: String
        let outcome: String
        let reason: String?
        let actor: Actor
        let details: JSONValue?
    }

    /// The events of these actions, oldest first.
    func events(_ actions: String...) async throws -> [Event] {
        try await store.ledgerEntries(from: 0, limit: 10_000)
            .map { try JSONDecoder().decode(Event.self, from: Data($0.leaf)) }
            .filter { actions.contains($0.action) }
    }

    /// Something else than the server changes the database.
    func execute(_ sql: String) async throws {
        let database = try DatabaseQueue(path: path + "/faxlock.db")
        try await database.write { try $0.execute(sql: sql) }
        try database.close()
    }

    /// Runs `body` while the ledger cannot be written: its table has another name.
    func withoutLedger(_ body: () async throws -> Void) async throws {
        try await execute("ALTER TABLE ledger RENAME TO away")
        try await body()
        try await execute("ALTER TABLE away RENAME TO ledger")
    }
}
