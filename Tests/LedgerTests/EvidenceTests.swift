import Ledger
import Testing

@Suite struct EvidenceTests {
    /// Evidence of the sample fax in a ledger whose key changed.
    private func evidence() throws -> FaxEvidence {
        let first = try SampleLedger.key(1)
        let second = try SampleLedger.key(2)
        var ledger = try SampleLedger(count: 300, interval: 300, key: first)
        let change = try LedgerKeyChange(from: first, to: second.verifier, sequence: 150)
        ledger.events[150] = LedgerEvent(.ledgerKeyChanged, object: "ledger", by: .system, details: change.details)
        let leaves = ledger.leaves
        let own = ledger.events.indices.filter { ledger.events[$0].object == SampleLedger.fax }
            .map { (sequence: Int64($0), leaf: leaves[$0]) }
        var hashes: [MerkleHash]? = leaves.map { MerkleHash(leaf: $0) }
        let made = try FaxEvidence(
            subject: SampleLedger.fax, leaves: own, keyChanges: [(150, leaves[150])],
            checkpoint: ledger.checkpoint(300).signed(by: second), key: first.verifier,
            hashes: {
                defer { hashes = nil }
                return hashes
            })
        return try #require(made)
    }

    private func isValid(_ json: [UInt8]) throws -> Bool {
        guard let evidence = FaxEvidence(json: json) else { return false }
        let report = EvidenceVerifier.verify(evidence, trusted: try SampleLedger.key().verifier)
        #expect(report.valid == report.problems.isEmpty)
        return report.valid
    }

    @Test func evidenceHoldsAndNamesTheImages() throws {
        let evidence = try evidence()
        #expect(evidence.leaves.map(\.index) == [37, 74, 111, 148, 185, 222, 259, 296])
        #expect(evidence.images == ["hash 0", "hash 1"])
        #expect(FaxEvidence(json: try evidence.json) == evidence)
        #expect(EvidenceVerifier.verify(evidence, trusted: try SampleLedger.key().verifier).problems == [])
        #expect(!EvidenceVerifier.verify(evidence, trusted: try SampleLedger.key(2).verifier).valid)
        #expect(!EvidenceVerifier.verify(evidence, trusted: try SampleLedger.key(9).verifier).valid)
    }

    @Test func evidenceOfAnotherTreeIsNotMade() throws {
        let key = try SampleLedger.key()
        let ledger = try SampleLedger(count: 10, interval: 10, key: key)
        let note = try #require(ledger.notes.last)
        let make = { (sequence: Int64, hashes: [MerkleHash]) in
            var rest: [MerkleHash]? = hashes
            return try FaxEvidence(
                subject: "fax/1", leaves: [(sequence, ledger.leaves[1])], keyChanges: [], checkpoint: note, key: key.verifier,
                hashes: {
                    defer { rest = nil }
                    return rest
                })
        }
        let hashes = ledger.leaves.map { MerkleHash(leaf: $0) }
        #expect(try make(1, hashes) != nil)
        #expect(try make(10, hashes) == nil)
        #expect(try make(1, hashes.dropLast()) == nil)
        #expect(try make(1, hashes.reversed()) == nil)
    }

    /// Each text replaces another in the document.
    static let edits: [(String, String)] = [
        (#""index" : 74"#, #""index" : 75"#), (#"\"success\""#, #"\"failure\""#), ("hash 1", "hash 3"),
        ("\"hash 0\",\n", ""), ("faxlock-fax-evidence/1", "faxlock-fax-evidence/2"), ("\"subject\" : \"fax/", "\"subject\" : \"tax/"),
        (#""proof" : ["#, #""proof" : [ "AAAA","#), (#""key_changes" : ["#, #""key_changes" : [], "was" : ["#),
        (#""leaves" : ["#, #""leaves" : [], "was" : ["#), ("\\n300\\n", "\\n301\\n"), ("— faxlock", "- faxlock"),
    ]

    private func edited(_ from: String, _ to: String) throws -> [UInt8] {
        let text = String(decoding: try evidence().json, as: UTF8.self)
        let start = try #require(text.indices.first { text[$0...].hasPrefix(from) }, "nothing to edit")
        return Array((text[..<start] + to + text[start...].dropFirst(from.count)).utf8)
    }

    @Test(arguments: edits)
    func tamperedEvidenceIsRefused(from: String, to: String) throws {
        #expect(try isValid(edited("", "")))
        #expect(try !isValid(edited(from, to)))
    }

    @Test(.enabled(if: PythonVerifier.interpreter != nil, PythonVerifier.reason), arguments: edits)
    func tamperedEvidenceIsRefusedElsewhere(from: String, to: String) throws {
        try TemporaryFolder.with { folder in
            let key = try SampleLedger.key().verifier
            try folder.write(edited("", ""), to: "evidence.json")
            #expect(try PythonVerifier.verify("--evidence", "\(folder.path)/evidence.json", key: key, in: folder))
            try folder.write(edited(from, to), to: "evidence.json")
            #expect(try !PythonVerifier.verify("--evidence", "\(folder.path)/evidence.json", key: key, in: folder))
        }
    }

    @Test func randomDamageNeverCrashesNorPasses() throws {
        let honest = try evidence()
        let json = try honest.json
        var random = SeededRandom(seed: 11)
        for _ in 0..<300 {
            var damaged = json
            damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            // White space may change; nothing else.
            let isSame = FaxEvidence(json: damaged) == honest
            #expect(try isValid(damaged) == isSame)
        }
    }
}
