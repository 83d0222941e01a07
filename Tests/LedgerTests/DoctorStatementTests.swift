import Testing

@testable import Ledger

@Suite struct DoctorStatementTests {
    private static let digest = String(repeating: "0a", count: 32)
    private static let time = "2026-11-22T08:30:00.000Z"

    @Test func onlyWhatWasSigned() throws {
        let key = try #require(LedgerKey(origin: "faxlock/test"))
        let other = try #require(LedgerKey(origin: "faxlock/test"))
        let statement = try #require(DoctorStatement(digest: Self.digest, time: Self.time))
        let signature = try statement.signature(by: key)
        #expect(statement.isSigned(signature, by: key.verifier))
        #expect(!statement.isSigned(signature, by: other.verifier))
        #expect(!statement.isSigned(String(signature.reversed()), by: key.verifier) && !statement.isSigned("", by: key.verifier))
        let digest = String(repeating: "0b", count: 32)
        #expect(try #require(DoctorStatement(digest: digest, time: Self.time)).isSigned(signature, by: key.verifier) == false)
        #expect(try #require(DoctorStatement(digest: Self.digest, time: "later")).isSigned(signature, by: key.verifier) == false)
        // Not taken for a word of another kind.
        let renamed = try #require(VerifierKey(name: "faxlock/other", publicKey: key.verifier.publicKey))
        #expect(!statement.isSigned(signature, by: renamed))
    }

    @Test(arguments: ["", String(repeating: "0A", count: 32), String(repeating: "0a", count: 31), String(repeating: "\n0", count: 32)])
    func malformedDigests(digest: String) {
        #expect(DoctorStatement(digest: digest, time: Self.time) == nil)
    }

    @Test(arguments: ["", "a\nb", "a b", "\u{e9}"]) func malformedTimes(time: String) {
        #expect(DoctorStatement(digest: Self.digest, time: time) == nil)
    }
}
