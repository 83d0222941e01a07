import Ledger
import Testing

/// The nine tamperings of contracts: edit, delete, insert, reorder, truncate, fork, re-sign, roll back, replay; each found by two
/// implementations.
@Suite struct TamperingTests {
    private func honest() throws -> SampleLedger {
        try SampleLedger(count: Tampering.size, interval: 100, key: SampleLedger.key())
    }

    private func verify(_ folder: TemporaryFolder, anchored: Bool) throws -> VerificationReport {
        LedgerVerifier(trusted: try SampleLedger.key().verifier, anchors: anchored ? ["\(folder.path)/anchor"] : [])
            .verify(folder: "\(folder.path)/export")
    }

    private func writeAnchor(_ ledger: SampleLedger, to folder: TemporaryFolder) throws {
        try folder.write(ledger.anchor(100, 256, 500, key: SampleLedger.key()), to: "anchor")
    }

    @Test func untouchedLedgerIsValid() throws {
        try TemporaryFolder.with { folder in
            let ledger = try honest()
            try ledger.export(to: "\(folder.path)/export")
            try writeAnchor(ledger, to: folder)
            for anchored in [false, true] {
                let report = try verify(folder, anchored: anchored)
                #expect(report.valid)
                #expect(report.problems == [])
                #expect(report.events == 600)
                #expect(report.checkpoints == 6)
                #expect(report.anchors.map(\.checkpoints) == (anchored ? [3] : []))
                #expect(report.anchors.first?.newest == (anchored ? 500 : nil))
            }
        }
    }

    @Test(.enabled(if: PythonVerifier.interpreter != nil, PythonVerifier.reason))
    func untouchedLedgerIsValidElsewhere() throws {
        try TemporaryFolder.with { folder in
            let ledger = try honest()
            try ledger.export(to: "\(folder.path)/export")
            try writeAnchor(ledger, to: folder)
            let key = try SampleLedger.key().verifier
            #expect(try PythonVerifier.verify("\(folder.path)/export", key: key, in: folder))
            #expect(try PythonVerifier.verify("\(folder.path)/export", "--anchor", "\(folder.path)/anchor", key: key, in: folder))
        }
    }

    /// Around the edges of tiles.
    static let sizes = [1, 2, 255, 256, 257, 512, 513]

    @Test(arguments: sizes)
    func eachSizeIsValid(size: Int) throws {
        try TemporaryFolder.with { folder in
            try SampleLedger(count: size, interval: 128, key: SampleLedger.key()).export(to: "\(folder.path)/export")
            let report = LedgerVerifier(trusted: try SampleLedger.key().verifier).verify(folder: "\(folder.path)/export")
            #expect(report.valid, "\(report.problems)")
            #expect(report.events == Int64(size))
        }
    }

    @Test(.enabled(if: PythonVerifier.interpreter != nil, PythonVerifier.reason), arguments: sizes)
    func eachSizeIsValidElsewhere(size: Int) throws {
        try TemporaryFolder.with { folder in
            try SampleLedger(count: size, interval: 128, key: SampleLedger.key()).export(to: "\(folder.path)/export")
            #expect(try PythonVerifier.verify("\(folder.path)/export", key: SampleLedger.key().verifier, in: folder))
        }
    }

    @Test(arguments: Tampering.allCases)
    func tamperingIsFound(tampering: Tampering) throws {
        try TemporaryFolder.with { folder in
            let ledger = try honest()
            try tampering.export(ledger, to: folder)
            try writeAnchor(ledger, to: folder)
            let report = try verify(folder, anchored: true)
            #expect(!report.valid)
            #expect(report.problems.contains { $0.code == tampering.code }, "\(report.problems)")
            // Without an anchor, that a tampering needs one is not for want of looking: such an export is a good ledger.
            #expect(try verify(folder, anchored: false).valid == tampering.needsAnchor)
        }
    }

    @Test(.enabled(if: PythonVerifier.interpreter != nil, PythonVerifier.reason), arguments: Tampering.allCases)
    func tamperingIsFoundElsewhere(tampering: Tampering) throws {
        try TemporaryFolder.with { folder in
            let ledger = try honest()
            try tampering.export(ledger, to: folder)
            try writeAnchor(ledger, to: folder)
            let key = try SampleLedger.key().verifier
            #expect(try !PythonVerifier.verify("\(folder.path)/export", "--anchor", "\(folder.path)/anchor", key: key, in: folder))
            #expect(try PythonVerifier.verify("\(folder.path)/export", key: key, in: folder) == tampering.needsAnchor)
        }
    }

    @Test func exportDoesNotVouchForItself() throws {
        try TemporaryFolder.with { folder in
            try honest().export(to: "\(folder.path)/export")
            let report = LedgerVerifier(trusted: nil).verify(folder: "\(folder.path)/export")
            #expect(!report.valid)
            #expect(report.problems.map(\.code) == [.unauthenticated])
        }
    }

    /// An operator restored a backup, said so on the record, and the ledger went on.
    @Test func rollbackIsAProblemUntilTheAuditorAcceptsIt() throws {
        try TemporaryFolder.with { folder in
            let before = try honest()
            try writeAnchor(before, to: folder)
            let key = try SampleLedger.key()
            var ledger = before
            ledger.events.removeLast(300)
            ledger.events.append(
                LedgerEvent(.ledgerRollbackAccepted, object: "ledger", by: .system, details: ["expected": 600, "reference": "T-1"]))
            for number in 301..<620 { ledger.events.append(SampleLedger.event(300_000 + number)) }
            try ledger.sign(from: 301, interval: 100, key: key)
            try ledger.export(to: "\(folder.path)/export")
            let verifier = LedgerVerifier(trusted: key.verifier, anchors: ["\(folder.path)/anchor"])
            let report = verifier.verify(folder: "\(folder.path)/export")
            #expect(!report.valid)
            #expect(report.rollbacks == [300])
            #expect(Set(report.problems.map(\.code)) == [.anchorDiffers, .rootDiffers, .checkpointsGoBack])
            var accepting = verifier
            accepting.acceptedRollbacks = [300]
            let accepted = accepting.verify(folder: "\(folder.path)/export")
            #expect(accepted.valid, "\(accepted.problems)")
            #expect(accepted.remarks.contains { $0.code == .rolledBack })
        }
    }
}
