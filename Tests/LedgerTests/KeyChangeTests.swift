import Ledger
import Testing

/// A key owns the checkpoints of the sizes between its change and the next (systemd FSS failed here: CVE-2023-31438).
@Suite struct KeyChangeTests {
    /// Ledgers of 300 events, of which number 150 changes the key.
    enum Change: String, CaseIterable, CustomTestStringConvertible {
        case good, oldKeySignsOn, newKeySignsThePast, movedElsewhere, toAnotherLedgersName

        var testDescription: String { rawValue }

        /// The one kind of problem; nil when the ledger is valid.
        var code: VerificationReport.Code? {
            switch self {
            case .good: nil
            case .oldKeySignsOn, .newKeySignsThePast: .badSignature
            case .movedElsewhere, .toAnotherLedgersName: .forgedKeyChange
            }
        }

        func ledger() throws -> SampleLedger {
            let first = try SampleLedger.key(1)
            let second = try SampleLedger.key(2, origin: self == .toAnotherLedgersName ? "faxlock/elsewhere" : SampleLedger.origin)
            var ledger = try SampleLedger(count: 300, interval: 300, key: first)
            let change = try LedgerKeyChange(from: first, to: second.verifier, sequence: 150)
            ledger.events[150] = LedgerEvent(.ledgerKeyChanged, object: "ledger", by: .system, details: change.details)
            if self == .movedElsewhere { ledger.events.swapAt(150, 151) }
            let (old, new) =
                switch self {
                case .good: ([50, 100, 150], [151, 200, 300])
                case .oldKeySignsOn: ([50, 150, 151], [300])
                case .newKeySignsThePast: ([50, 100], [150, 200, 300])
                case .movedElsewhere, .toAnotherLedgersName: ([50, 100, 200, 300], [])
                }
            ledger.notes = try old.map { try ledger.checkpoint($0).signed(by: first) }
            ledger.notes += try new.map { try ledger.checkpoint($0).signed(by: second) }
            return ledger
        }
    }

    @Test(arguments: Change.allCases)
    func onlyAGoodChangeIsFollowed(change: Change) throws {
        try TemporaryFolder.with { folder in
            try change.ledger().export(to: "\(folder.path)/export")
            let report = LedgerVerifier(trusted: try SampleLedger.key().verifier).verify(folder: "\(folder.path)/export")
            #expect(report.valid == (change.code == nil), "\(report.problems)")
            #expect(Set(report.problems.map(\.code)) == Set([change.code].compactMap { $0 }))
            #expect(report.keys.count == (change.code == .forgedKeyChange ? 1 : 2))
        }
    }

    @Test(.enabled(if: PythonVerifier.interpreter != nil, PythonVerifier.reason), arguments: Change.allCases)
    func onlyAGoodChangeIsFollowedElsewhere(change: Change) throws {
        try TemporaryFolder.with { folder in
            try change.ledger().export(to: "\(folder.path)/export")
            let isValid = try PythonVerifier.verify("\(folder.path)/export", key: SampleLedger.key().verifier, in: folder)
            #expect(isValid == (change.code == nil))
        }
    }
}
