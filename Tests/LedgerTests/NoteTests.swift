import FaxModel
import Ledger
import Testing

/// The vectors were computed by Python's hashlib and PyPI `cryptography`.
@Suite struct NoteTests {
    private static let keyText = "faxlock/vector+6ac16fbb+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    private static let newKeyText = "faxlock/vector+37f8e49d+ASmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
    private static let noteText = """
        faxlock/vector
        5
        wGjoGm0EH//94Yr3mwKsJGW0giTPpgjDpIIzD//gQy4=
        time 2026-11-22T08:30:00.000Z

        — faxlock/vector asFvu5lOtdqtr9SNEk6KFjgv7nZJu5frSQ4++LSqReHCXmNAcLy/TEIUtRtB/DkIe+16VIJB09T2DXJVfHtMvMwENA8=

        """

    private func key(_ firstByte: UInt8 = 0) throws -> LedgerKey {
        try #require(LedgerKey(origin: "faxlock/vector", seed: (0..<32).map { firstByte + $0 }))
    }

    @Test func keyIsAsComputedElsewhere() throws {
        let key = try key()
        #expect(key.verifier.description == Self.keyText)
        #expect(VerifierKey(Self.keyText) == key.verifier)
        #expect(LedgerKey(origin: "faxlock/vector", seed: key.seed)?.verifier == key.verifier)
    }

    @Test(arguments: [
        "", "+", "++", "faxlock/vector", "faxlock/vector+6ac16fbb", "faxlock/vector+6ac16fbb+",
        "faxlock/vector+6ac16fbc+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "faxlock/vector+6AC16FBB+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "faxlock/victor+6ac16fbb+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "faxlock/vector+6ac16fbb+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG5",
        "faxlock/vector+6ac16fbb+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "faxlock/vector+6ac16fbb+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\n",
        " faxlock/vector+6ac16fbb+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    ])
    func otherTextsAreNoKeys(text: String) {
        #expect(VerifierKey(text) == nil)
    }

    @Test(arguments: ["", "a b", "a+b", "a\u{2003}b", "a\nb", String(repeating: "a", count: 256)])
    func badNamesAreRefused(name: String) {
        #expect(LedgerKey(origin: name) == nil)
    }

    @Test func noteIsAsComputedElsewhere() throws {
        var frontier = Frontier()
        for leaf in MerkleTreeTests.vectorLeaves { frontier.append(MerkleHash(leaf: leaf)) }
        let time = try #require(Timestamp(iso8601: "2026-11-22T08:30:00Z"))
        let checkpoint = Checkpoint(origin: "faxlock/vector", size: 5, root: frontier.root, time: time)
        // Signatures by this library are randomised, so only what the other made can be compared by bytes.
        let note = try #require(SignedNote(Array(Self.noteText.utf8)))
        #expect(note.text == checkpoint.text)
        #expect(note.bytes == Array(Self.noteText.utf8))
        #expect(note.isSigned(by: try key().verifier))
        #expect(!note.isSigned(by: try key(32).verifier))
        #expect(Checkpoint(text: note.text) == checkpoint)
        #expect(Checkpoint(text: note.text)?.time == time)
        let ours = try checkpoint.signed(by: key())
        #expect(ours.isSigned(by: try key().verifier))
        #expect(SignedNote(ours.bytes) == ours)
    }

    @Test func eachBitOfTheNoteIsSigned() throws {
        let bytes = Array(Self.noteText.utf8)
        let verifier = try key().verifier
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(SignedNote(changed)?.isSigned(by: verifier) != true, "byte \(index)")
            #expect(SignedNote(Array(bytes[..<index]))?.isSigned(by: verifier) != true, "\(index) bytes")
        }
    }

    @Test func unknownSignaturesAreIgnoredAndBadOnesAreNot() throws {
        let checkpoint = Checkpoint(origin: "faxlock/vector", size: 1, root: .empty, time: Timestamp(milliseconds: 0))
        let line = { (note: SignedNote) in String(String(decoding: note.bytes, as: UTF8.self).split(separator: "\n").last!) + "\n" }
        let own = try checkpoint.signed(by: key())
        let other = try checkpoint.signed(by: key(32))
        let both = try #require(SignedNote(own.bytes + Array(line(other).utf8)))
        #expect(both.signatures.count == 2)
        #expect(both.isSigned(by: try key().verifier))
        #expect(both.isSigned(by: try key(32).verifier))
        let elsewhere = Checkpoint(origin: "faxlock/vector", size: 2, root: .empty, time: Timestamp(milliseconds: 0))
        let spoilt = try #require(SignedNote(own.bytes + Array(line(try elsewhere.signed(by: key())).utf8)))
        #expect(!spoilt.isSigned(by: try key().verifier))
    }

    @Test(arguments: ["01", "-1", "+1", "", " 1", "1 ", "9223372036854775808", "99999999999999999999999", "١", "0x1"])
    func otherSizesAreNoCheckpoint(size: String) {
        let root = "wGjoGm0EH//94Yr3mwKsJGW0giTPpgjDpIIzD//gQy4="
        #expect(Checkpoint(text: Array("o\n\(size)\n\(root)\n".utf8)) == nil)
        #expect(Checkpoint(text: Array("o\n9223372036854775807\n\(root)\n".utf8)) != nil)
    }

    @Test(arguments: [
        "o\n1\nwGjoGm0EH//94Yr3mwKsJGW0giTPpgjDpIIzD//gQy4=", "o\n1\n", "o\n1\nAAAA\n",
        "\n1\nwGjoGm0EH//94Yr3mwKsJGW0giTPpgjDpIIzD//gQy4=\n",
        "o\n1\nwGjoGm0EH//94Yr3mwKsJGW0giTPpgjDpIIzD//gQy4=\n\n", "o\n1\nwGjoGm0EH//94Yr3mwKsJGW0giTPpgjDpIIzD//gQy5=\n",
        "o\n1\nwGjoGm0EH//94Yr3mwKsJGW0giTPpgjDpIIzD//gQy4\n",
    ])
    func otherTextsAreNoCheckpoint(text: String) {
        #expect(Checkpoint(text: Array(text.utf8)) == nil)
    }

    @Test func keyChangeIsAsComputedElsewhere() throws {
        let details: [String: LedgerValue] = [
            "old_key": .text(Self.keyText), "new_key": .text(Self.newKeyText),
            "signature": "CeYxudj/tHI2A4DfRK5xC2fRy1VB2c4Tx0k8b/GI53u56B3cLO5kBdQ5H3EGe1FGL06dqsIqRm7kT3y4tl5ZDg==",
        ]
        let change = try #require(LedgerKeyChange(details: details))
        #expect(change.isValid(after: try key().verifier, sequence: 7))
        #expect(!change.isValid(after: try key().verifier, sequence: 8))
        #expect(!change.isValid(after: try key(32).verifier, sequence: 7))
        #expect(change.details == details)
        let made = try LedgerKeyChange(from: key(), to: key(32).verifier, sequence: 7)
        #expect(made.isValid(after: try key().verifier, sequence: 7))
        #expect(LedgerKeyChange(details: details.filter { $0.key != "signature" }) == nil)
    }

    @Test func anchorLinesAreReadAgain() throws {
        let note = try #require(SignedNote(Array(Self.noteText.utf8)))
        let line = AnchorFile.line(note)
        #expect(line.filter { $0 == 0x0A }.count == 1)
        #expect(AnchorFile.note(line: line) == note)
        #expect(AnchorFile.note(line: Array(#"{"note":"x"}"#.utf8)) == nil)
        #expect(AnchorFile.note(line: Array(line.dropLast(3))) == nil)
        #expect(AnchorFile.note(line: [0xFF, 0x7B]) == nil)
        #expect(AnchorFile.note(line: []) == nil)
    }
}
