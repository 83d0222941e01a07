import FaxModel
import Ledger
import Testing

@testable import Store

@Suite struct PDFTokenTests {
    private func hash(_ byte: UInt8) -> [UInt8] { Array(repeating: byte, count: 32) }

    @Test func `a token belongs to one fax`() async throws {
        try await TestStore.with { test in
            let first = try await test.accept(1)
            let second = try await test.accept(2)
            let expiry = test.clock.now.advanced(by: .seconds(60))
            try await test.store.savePDFToken(hash: hash(1), fax: first, expiresAt: expiry, by: .system)
            try await test.store.savePDFToken(hash: hash(2), fax: first, expiresAt: expiry, by: .system)
            let tokens = try await test.store.pdfTokens(of: first)
            #expect(Set(tokens.map(\.hash)) == [hash(1), hash(2)])
            #expect(tokens.allSatisfy { $0.expiresAt == expiry })
            #expect(try await test.store.pdfTokens(of: second).isEmpty)
        }
    }

    @Test func `expired tokens go when a new one comes`() async throws {
        try await TestStore.with { test in
            let id = try await test.accept(1)
            let other = try await test.accept(2)
            try await test.store.savePDFToken(hash: hash(1), fax: id, expiresAt: test.clock.now.advanced(by: .seconds(60)), by: .system)
            try await test.store.savePDFToken(hash: hash(2), fax: id, expiresAt: test.clock.now.advanced(by: .seconds(90)), by: .system)
            test.clock.advance(by: .seconds(61))
            try await test.store.savePDFToken(hash: hash(3), fax: other, expiresAt: test.clock.now.advanced(by: .seconds(60)), by: .system)
            #expect(try await test.store.pdfTokens(of: id).map(\.hash) == [hash(2)])
            #expect(try await test.store.pdfTokens(of: other).map(\.hash) == [hash(3)])
        }
    }

    @Test func `there is no token for a fax that is not there`() async throws {
        try await TestStore.with { test in
            await #expect(throws: (any Error).self) {
                try await test.store.savePDFToken(hash: hash(1), fax: test.id(9), expiresAt: test.clock.now, by: .system)
            }
        }
    }
}
