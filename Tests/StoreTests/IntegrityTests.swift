import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Whatever is changed behind the server's back is found, and named (45 CFR 164.312(c)).
@Suite struct IntegrityTests {
    private typealias Kind = IntegrityReport.Kind

    /// Two sent faxes, one received, one shredded; the documents long enough for several chunks.
    private func house(_ test: TestStore) async throws {
        for number in 1...2 { try await test.deliver(number) }
        try await test.receive(3)
        let gone = try await test.deliver(4)
        _ = try await test.store.shred(gone, cause: .retention, by: .system)
        _ = try await test.documents.removeShredded()
    }

    private func check(_ test: TestStore) async throws -> IntegrityReport {
        try await IntegrityCheck(documents: test.documents).run(by: .system)
    }

    private func found(_ test: TestStore) async throws -> [Kind] {
        try await check(test).problems.map(\.kind)
    }

    @Test func `what is whole has no problems, and that is on the record`() async throws {
        try await TestStore.with { test in
            try await house(test)
            let report = try await check(test)
            #expect(report.problems == [] && report.problemCount == 0)
            #expect(report.documents == 7 && report.shredded == 3)
            // "letter n", "pages n" and "sent n" twice, and "received 3".
            #expect(report.bytes == 2 * (8 + 7 + 6) + 10)
            let events = try await test.leaves(.integrityChecked)
            #expect(events.count == 1)
            #expect(events[0].contains(#""outcome":"success""#) && events[0].contains(#""documents":7,"problems":0,"shredded":3"#))
        }
    }

    @Test func `an empty house has no problems`() async throws {
        try await TestStore.with { test in
            let kinds = try await found(test)
            #expect(kinds == [])
        }
    }

    // MARK: Blobs

    /// Where a bit is flipped, in a blob of 40,000 bytes: three chunks.
    enum Place: String, CaseIterable {
        case magic, version, kind, document, salt, commitment, firstChunk, middleChunk, lastChunk, tag

        func offset(header: Int, length: Int) -> Int {
            switch self {
            case .magic: 0
            case .version: 4
            case .kind: 7
            case .document: 14
            case .salt: header + 3
            case .commitment: header + 30
            case .firstChunk: header + 56 + 100
            case .middleChunk: header + 56 + 16_400 + 100
            case .lastChunk: length - 100
            case .tag: length - 1
            }
        }
    }

    @Test(arguments: Place.allCases, BlobKind.allCases)
    func `one flipped bit is found`(place: Place, kind: BlobKind) async throws {
        try await TestStore.with { test in
            let id = try await long(kind, in: test)
            let path = try test.file(of: id)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let header = 7 + Int(bytes[5]) << 8 + Int(bytes[6])
            bytes[place.offset(header: header, length: bytes.count)] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let report = try await check(test)
            #expect(report.problems.map(\.kind) == [.damagedBlob])
            #expect(report.problems.first?.document == id.rawValue)
            #expect(try await test.leaves(.integrityChecked).first?.contains(#""outcome":"failure""#) == true)
        }
    }

    /// One fax or received fax whose document of this kind has 40,000 bytes.
    private func long(_ kind: BlobKind, in test: TestStore) async throws -> DocumentID {
        let text = String(repeating: "An invented letter. ", count: 2000)
        if kind == .received {
            let document = try await test.seal(text, .received)
            try await test.store.receive(
                InboundRecord(
                    id: test.id(1), status: "received", backend: "line", reference: "in", to: "+15551230100", from: "",
                    remoteIdentifier: "",
                    pages: 1, document: document.id, bitRate: 14_400, errorCorrection: true, createdAt: test.clock.now,
                    receivedAt: test.clock.now), document: document)
            return document.id
        }
        let upload = try await test.seal(kind == .upload ? text : "short")
        try await test.store.accept(try test.record(1, document: upload), document: upload, by: .system)
        guard kind != .upload else { return upload.id }
        _ = try await test.store.apply(.renderingStarted, to: test.id(1))
        let pages = try await test.seal(kind == .pages ? text : "short", .pages)
        try await test.store.rendered(test.id(1), image: pages, pages: 1)
        guard kind != .pages else { return pages.id }
        let sent = try await test.seal(text, .transmitted)
        _ = try await test.store.intendAttempt(for: test.id(1), FaxStore.Intent(backend: "line", reference: "call", image: sent))
        return sent.id
    }

    @Test(arguments: [1, 17, 20_000, 40_000]) func `a blob that was cut is found`(by count: Int) async throws {
        try await TestStore.with { test in
            let path = try test.file(of: try await long(.upload, in: test))
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try bytes.dropLast(count).write(to: URL(fileURLWithPath: path))
            #expect(try await found(test) == [.damagedBlob])
        }
    }

    @Test func `blobs that changed places are both found`() async throws {
        try await TestStore.with { test in
            let (first, second) = (try await test.receive(1), try await test.receive(2))
            let paths = [
                try test.file(of: try #require(try await test.documents(of: first).first)),
                try test.file(of: try #require(try await test.documents(of: second).first)),
            ]
            let bytes = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
            try bytes[1].write(to: URL(fileURLWithPath: paths[0]))
            try bytes[0].write(to: URL(fileURLWithPath: paths[1]))
            #expect(try await found(test) == [.damagedBlob, .damagedBlob])
        }
    }

    @Test func `a missing blob, one that nobody knows and one that should be gone are found`() async throws {
        try await TestStore.with { test in
            try await house(test)
            let upload = try await test.fax(test.id(1)).document
            try FileManager.default.removeItem(atPath: try test.file(of: upload))
            let orphan = try await test.seal("nobody's")
            let left = try await test.deliver(5)
            _ = try await test.store.shred(left, cause: .retention, by: .system)
            // A young blob may be waiting for its row, or about to be removed.
            #expect(try await found(test) == [.missingBlob])
            test.clock.advance(by: .seconds(601))
            let report = try await check(test)
            #expect(Set(report.problems.map(\.kind)) == [.missingBlob, .leftBehind, .orphan] && report.problemCount == 5)
            #expect(report.problems.filter { $0.kind == .orphan }.map(\.document) == [orphan.id.rawValue])
            #expect(report.problems.filter { $0.kind == .missingBlob }.map(\.document) == [upload.rawValue])
        }
    }

    // MARK: Rows and leaves

    /// What is done to the database, and what must be found: fax 1 is delivered, fax 4 shredded.
    enum Tampering: String, CaseIterable {
        case digest, size, wrappedKey, epochOfAnother, row, rowAndLeaf, leaf, leafsObject, leafGone, certificate, kindOfRow, destroyedEpoch

        var sql: [String] {
            let upload = "(SELECT document FROM faxes ORDER BY id LIMIT 1)"
            let leaf = "action = 'fax.accepted' AND seq = (SELECT min(seq) FROM ledger WHERE action = 'fax.accepted')"
            return switch self {
            case .digest: ["UPDATE documents SET sha256 = randomblob(32) WHERE id = \(upload)"]
            case .size: ["UPDATE documents SET size = size + 1 WHERE id = \(upload)"]
            case .wrappedKey: ["UPDATE documents SET wrapped_key = randomblob(60) WHERE id = \(upload)"]
            case .epochOfAnother:
                ["UPDATE documents SET wrapped_key = (SELECT wrapped_key FROM documents WHERE kind = 'received') WHERE id = \(upload)"]
            case .row: ["DELETE FROM documents WHERE id = \(upload)"]
            case .rowAndLeaf:
                // Both say the same, and it is not what was sealed.
                [
                    """
                    UPDATE ledger SET leaf = CAST(replace(CAST(leaf AS TEXT),
                        (SELECT lower(hex(sha256)) FROM documents WHERE id = \(upload)),
                        lower(hex(zeroblob(32)))) AS BLOB) WHERE \(leaf)
                    """, "UPDATE documents SET sha256 = zeroblob(32) WHERE id = \(upload)",
                ]
            case .leaf: ["UPDATE ledger SET leaf = CAST(replace(CAST(leaf AS TEXT), 'fax/', 'Fax/') AS BLOB) WHERE seq = 0 OR \(leaf)"]
            case .leafsObject: ["UPDATE ledger SET object = 'fax/other' WHERE \(leaf)"]
            case .leafGone: ["DELETE FROM ledger WHERE \(leaf)"]
            case .certificate: ["UPDATE ledger SET leaf = CAST('{}' AS BLOB) WHERE action = 'document.shredded'"]
            case .kindOfRow: ["UPDATE documents SET kind = 'letter' WHERE id = \(upload)"]
            case .destroyedEpoch: ["UPDATE keys SET wrapped = x'', destroyed_at = 1 WHERE name NOT LIKE 'root/%'"]
            }
        }

        fileprivate var expected: Set<IntegrityReport.Kind> {
            switch self {
            case .digest: [.differsFromLedger, .wrongContent]
            case .size: [.wrongContent]
            case .wrappedKey, .epochOfAnother: [.noKey]
            // Its blob is there still, too young to be called an orphan.
            case .row: [.noRow]
            case .rowAndLeaf: [.ledgerDamaged, .wrongContent]
            case .leaf: [.ledgerDamaged, .noLeaf]
            case .leafsObject: [.noLeaf]
            case .leafGone: [.ledgerDamaged, .noLeaf]
            case .certificate: [.ledgerDamaged, .noCertificate]
            case .kindOfRow: [.damagedRow]
            case .destroyedEpoch: [.noKey]
            }
        }
    }

    @Test(arguments: Tampering.allCases) func `every tampering is found and named`(tampering: Tampering) async throws {
        try await TestStore.with { test in
            try await house(test)
            let other = try DatabaseQueue(path: test.folder.path + "/faxlock.db")
            try await other.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA foreign_keys = OFF")
                for statement in tampering.sql {
                    try database.execute(sql: statement)
                    #expect(database.changesCount > 0, "\(statement)")
                }
            }
            try other.close()
            if tampering == .destroyedEpoch {
                for epoch in test.store.keyRing.epochs { test.store.keyRing.forget(epoch) }
            }
            #expect(Set(try await found(test)) == tampering.expected)
        }
    }

    /// What migration 002 finds in a database of the first version: faxes, and no ledger.
    @Test func `documents that are older than the ledger are adopted, once`() async throws {
        try await TestStore.with { test in
            try await test.deliver(1)
            try await test.receive(2)
            try await test.execute("DELETE FROM ledger")
            try await test.execute("DELETE FROM ledger_checkpoints")
            try test.store.close()
            let next = try await test.restarted()
            #expect(try await next.leaves(.documentAdopted).count == 4)
            let report = try await check(next)
            #expect(report.problems == [] && report.documents == 4)
            // From here on the ledger vouches for them.
            try await next.execute("UPDATE documents SET sha256 = zeroblob(32) WHERE kind = 'received'")
            #expect(Set(try await found(next)).contains(.differsFromLedger))
            try next.store.close()
            let last = try await next.restarted()
            #expect(try await last.leaves(.documentAdopted).count == 4)
            try last.store.close()
        }
    }

    @Test func `a document of no fax is found`() async throws {
        try await TestStore.with { test in
            try await house(test)
            let stray = try await test.seal("stray")
            try await test.store.pool.write { try FaxStore.insert(stray, in: $0) }
            let report = try await check(test)
            #expect(report.problems.map(\.kind) == [.noFax] && report.problems.first?.document == stray.id.rawValue)
        }
    }

    @Test func `without a ledger nothing is called proved`() async throws {
        try await TestStore.with { test in
            try await house(test)
            try test.store.close()
            let store = try FaxStore(
                path: test.folder.path + "/faxlock.db", key: test.key, keyPath: "test.key", ledger: LedgerOptions(isEnabled: false),
                clock: test.clock.function)
            let documents = Documents(
                store: store, folder: try await BlobFolder.open(at: test.folder.path + "/blobs", tenant: .single))
            #expect(try await IntegrityCheck(documents: documents).run(by: .system).problems.map(\.kind) == [.ledgerOff])
            try store.close()
        }
    }

    /// What moves under the check is no problem.
    @Test func `faxes that come, are held and are shredded meanwhile are no problems`() async throws {
        try await TestStore.with { test in
            for number in 1...30 { try await test.deliver(number) }
            let reason = try #require(AccessReason("legal:CASE-7F"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 1...30 {
                        let id = test.id(number)
                        if number.isMultiple(of: 2) {
                            _ = try await test.store.shred(id, cause: .request, by: .system)
                            _ = try await test.documents.removeShredded()
                        } else {
                            _ = try await test.store.placeHold(on: id, reason: reason, by: .system)
                            try await test.store.releaseHold(on: id, by: .system)
                        }
                        try await test.receive(100 + number)
                    }
                }
                for _ in 1...5 {
                    let report = try await check(test)
                    #expect(report.problems == [])
                }
                try await group.waitForAll()
            }
            let report = try await check(test)
            #expect(report.problems == [] && report.shredded == 45)
        }
    }

    @Test func `the list of problems is bounded, their number is not`() {
        var report = IntegrityReport()
        for number in 1...1500 { report.add(.orphan, "d\(number)", "") }
        #expect(report.problems.count == 1000 && report.problemCount == 1500)
    }
}
