import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Promise 3: no number, name or text is on disk in the clear.
@Suite struct SealedAtRestTests {
    private static let secrets = [
        "5551230142", "5551230143", "5551230144", "Quincy", "Marrow", "Front desk", "second floor", "Ultramarine Clinic",
        "an invented letter",
    ]

    private func fill(_ test: TestStore) async throws {
        let writer = try await test.documents.create(.upload)
        try await writer.append(Array("This is an invented letter to Quincy Marrow. ".utf8))
        let document = try await writer.finish()
        let fax = try test.record(1, to: "+15551230142", owner: "key_control", document: document)
        try await test.store.accept(fax, document: document, by: .system)
        let (id, attempt) = try await test.dial(2)
        try await test.store.attemptNegotiated(
            id, attempt: attempt, remoteIdentifier: "Ultramarine Clinic", bitRate: 9600, errorCorrection: true)
        let received = try await test.document("received", kind: .received)
        try await test.store.receive(
            InboundRecord(
                id: test.id(3), status: "received", backend: "line", reference: "call", to: "+15551230143", from: "+15551230144",
                remoteIdentifier: "Ultramarine Clinic", pages: 1, document: received.id, bitRate: 9600, errorCorrection: true,
                createdAt: test.clock.now, receivedAt: test.clock.now), document: received)
        let key = APIKeyRecord(
            id: "k1", secretHash: Array(repeating: 1, count: 32), scopes: [.faxSend], name: "Front desk", owner: "Quincy Marrow",
            note: "second floor", createdAt: test.clock.now)
        try await test.store.save(key, by: .system)
        // Rows that go leave nothing either.
        try await test.store.savePDFToken(hash: Array(repeating: 2, count: 32), fax: id, expiresAt: test.clock.now, by: .system)
    }

    /// The files in which `text` is found, in UTF-8 or UTF-16.
    private func places(of text: String, in files: [String: Data]) -> [String] {
        let forms = [text.data(using: .utf8), text.data(using: .utf16LittleEndian), text.data(using: .utf16BigEndian)]
        return files.filter { file in forms.contains { form in form.map { file.value.range(of: $0) != nil } ?? false } }.map(\.key)
    }

    @Test func `no secret is in any file, neither while the server runs nor after`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let test = try await TestStore(folder: folder, key: KeyEncryptionKey(), clock: TestClock())
        try await fill(test)
        let running = try folder.files()
        #expect(running.keys.contains("faxlock.db-wal"))
        #expect(running.keys.contains { $0.hasPrefix("blobs/") })
        try test.store.close()
        let stopped = try folder.files()
        for files in [running, stopped] {
            for secret in Self.secrets { #expect(places(of: secret, in: files).isEmpty, "\(secret)") }
            // The search finds what is there.
            #expect(!places(of: "key_control", in: files).isEmpty)
        }
        // Folded into the database: nothing is left in the log.
        #expect(stopped["faxlock.db-wal"]?.isEmpty ?? true)
    }

    @Test func `equal numbers are sealed to different bytes`() async throws {
        try await TestStore.with { test in
            for number in 1...3 { try await test.accept(number, to: "+15551230142") }
            let sealed = try await test.store.pool.read { database in
                try Data.fetchAll(database, sql: "SELECT sealed_number FROM faxes")
            }
            #expect(Set(sealed).count == 3)
            let indexes = try await test.store.pool.read { database in
                try Data.fetchAll(database, sql: "SELECT number_index FROM faxes")
            }
            #expect(Set(indexes).count == 1)
        }
    }
}
