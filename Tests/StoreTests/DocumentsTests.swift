import FaxModel
import Ledger
import Testing
import Vault

@testable import Store

@Suite struct DocumentsTests {
    private static let text = Array("Page one of an invented letter. ".utf8)

    private func write(_ bytes: [UInt8], kind: BlobKind = .upload, in test: TestStore) async throws -> StoredDocument {
        let writer = try await test.documents.create(kind)
        try await writer.append(bytes)
        return try await writer.finish()
    }

    /// Commits the row, as an accepted fax does.
    private func keep(_ document: StoredDocument, _ number: Int, in test: TestStore) async throws {
        try await test.store.accept(try test.record(number, document: document), document: document, by: .system)
    }

    @Test(arguments: [0, 1, 32, 300_000, 1_000_001])
    func `what was written is read`(count: Int) async throws {
        try await TestStore.with { test in
            var random = SeededRandom(seed: UInt64(count))
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let writer = try await test.documents.create(.upload)
            for start in stride(from: 0, to: count, by: 70_000) { try await writer.append(bytes[start..<min(count, start + 70_000)]) }
            #expect(writer.count == count)
            let document = try await writer.finish()
            #expect(document.id == writer.id)
            #expect(document.size == count)
            #expect(document.kind == .upload)
            #expect(document.epoch.rawValue == test.clock.now.month)
            try await keep(document, 1, in: test)
            let reader = try await test.documents.open(document.id)
            #expect(reader.count == count)
            #expect(try await reader.read(upTo: count) == bytes)
        }
    }

    @Test func `it is read after a restart`() async throws {
        try await TestStore.with { test in
            let document = try await write(Self.text, in: test)
            try await keep(document, 1, in: test)
            let next = try await test.restarted()
            #expect(try await next.documents.open(document.id).read(upTo: 100) == Self.text)
            try next.store.close()
        }
    }

    @Test func `a new month has a new epoch, and the old one still opens`() async throws {
        try await TestStore.with { test in
            let old = try await write(Self.text, in: test)
            try await keep(old, 1, in: test)
            test.clock.advance(by: .seconds(32 * 86_400))
            let new = try await write(Self.text, in: test)
            try await keep(new, 2, in: test)
            #expect(old.epoch != new.epoch)
            for document in [old, new] { #expect(try await test.documents.open(document.id).read(upTo: 100) == Self.text) }
        }
    }

    @Test func `of many that find the month new, all use one epoch key`() async throws {
        try await TestStore.with { test in
            let epochs = try await withThrowingTaskGroup(of: EpochName.self) { group in
                for _ in 0..<20 { group.addTask { try await test.store.currentEpoch() } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(epochs.count == 1)
            #expect(try await test.count(of: "keys") == RootKey.allCases.count + 1)
            let document = try await write(Self.text, in: test)
            try await keep(document, 1, in: test)
            let next = try await test.restarted()
            #expect(try await next.documents.open(document.id).read(upTo: 100) == Self.text)
            try next.store.close()
        }
    }

    @Test func `a document without a row is not opened`() async throws {
        try await TestStore.with { test in
            let document = try await write(Self.text, in: test)
            await #expect(throws: StoreFailure.self) { _ = try await test.documents.open(document.id) }
        }
    }

    @Test func `an aborted or discarded document leaves nothing behind`() async throws {
        try await TestStore.with { test in
            let writer = try await test.documents.create(.upload)
            try await writer.append(Array(repeating: 1, count: 600_000))
            await writer.abort()
            let document = try await write(Self.text, in: test)
            #expect(try test.blobs().count == 1)
            try await test.documents.discard(document)
            #expect(try test.blobs().isEmpty)
        }
    }

    @Test func `only older blobs that no row names are orphans`() async throws {
        try await TestStore.with { test in
            let kept = try await write(Self.text, in: test)
            try await keep(kept, 1, in: test)
            let orphans = [try await write(Self.text, in: test), try await write(Self.text, kind: .received, in: test)]
            test.clock.advance(by: .seconds(1))
            let start = test.clock.now
            let young = try await write(Self.text, in: test)
            test.clock.advance(by: .seconds(1))
            let younger = try await write(Self.text, in: test)

            let next = try await test.restarted()
            defer { try? next.store.close() }
            #expect(try await next.documents.removeOrphans(before: start) == 2)
            let left = try next.blobs()
            for document in [kept, young, younger] { #expect(left.contains { $0.contains(document.id.rawValue) }) }
            for document in orphans { #expect(!left.contains { $0.contains(document.id.rawValue) }) }
            #expect(left.count == 3)
            #expect(try await next.documents.removeOrphans(before: start) == 0)
            #expect(try await next.documents.open(kept.id).read(upTo: 100) == Self.text)
        }
    }

    @Test func `what an interrupted writer left is removed at the next start`() async throws {
        try await TestStore.with { test in
            let writer = try await test.documents.create(.upload)
            // Beyond the first 256 KiB there is a temporary file.
            try await writer.append(Array(repeating: 1, count: 600_000))
            #expect(try test.blobs().count == 1)
            try await test.restarted().documents.removeTemporaries()
            #expect(try test.blobs().isEmpty)
            await writer.abort()
        }
    }
}
