import Glibc
import Ledger
import Testing

/// Exports that were made to break the verifier: it reports, in bounded time and memory.
@Suite struct HostileExportTests {
    /// What is done to an export of 600 events.
    enum Deed: String, CaseIterable, CustomTestStringConvertible {
        case noFolder, noCheckpoint, emptyCheckpoint, hugeCheckpoint, checkpointIsALine, checkpointIsAFolder
        case checkpointOfTooLargeASize, checkpointOfTheLargestSize
        case noList, emptyList, garbageList, longLine, linkedBundle, linkedTile, fifoBundle, cutBundle, emptyBundle, zeroBundle
        case bundleOfMore, hugeBundle, noBundles, invalidUTF8, noTile, cutTile, longTile, anchorIsMissing, anchorIsAFolder, emptyAnchor
        case anchorOfAnotherLedger, uncheckpointedTail

        var testDescription: String { rawValue }
    }

    private func apply(_ deed: Deed, to folder: TemporaryFolder) throws {
        let size: (String) -> [UInt8] = { size in
            let root = "wGjoGm0EH//94Yr3mwKsJGW0giTPpgjDpIIzD//gQy4="
            return Array("\(SampleLedger.origin)\n\(size)\n\(root)\n\n— \(SampleLedger.origin) asFvuwAA\n".utf8)
        }
        let bundle = "export/tile/entries/001"
        switch deed {
        case .noFolder: try folder.remove("export")
        case .noCheckpoint: try folder.remove("export/checkpoint")
        case .emptyCheckpoint: try folder.write([], to: "export/checkpoint")
        case .hugeCheckpoint: try folder.write([UInt8](repeating: 0x41, count: 10_000_000), to: "export/checkpoint")
        case .checkpointOfTooLargeASize: try folder.write(size("9223372036854775808"), to: "export/checkpoint")
        case .checkpointOfTheLargestSize: try folder.write(size("9223372036854775807"), to: "export/checkpoint")
        case .checkpointIsALine:
            try folder.write(AnchorFile.line(#require(SignedNote(folder.read("export/checkpoint")))), to: "export/checkpoint")
        case .checkpointIsAFolder:
            try folder.remove("export/checkpoint")
            try #require(mkdir("\(folder.path)/export/checkpoint", 0o700) == 0)
        case .noList: try folder.remove("export/checkpoints")
        case .emptyList: try folder.write([], to: "export/checkpoints")
        case .garbageList: try folder.write(Array(String(repeating: "{\n", count: 100_000).utf8), to: "export/checkpoints")
        case .longLine: try folder.write([UInt8](repeating: UInt8(ascii: "{"), count: 5_000_000), to: "export/checkpoints")
        case .linkedBundle: try link(bundle, in: folder)
        case .linkedTile: try link("export/tile/0/001", in: folder)
        case .fifoBundle:
            try folder.remove(bundle)
            try #require(mkfifo("\(folder.path)/\(bundle)", 0o600) == 0)
        case .cutBundle: try folder.write(folder.read(bundle).dropLast(), to: bundle)
        case .emptyBundle: try folder.write([], to: bundle)
        case .zeroBundle: try folder.write([UInt8](repeating: 0, count: 1_000_000), to: bundle)
        case .bundleOfMore: try folder.write(folder.read(bundle) + [0, 1, 65], to: bundle)
        case .hugeBundle: try #require(truncate("\(folder.path)/\(bundle)", 1 << 40) == 0)
        case .noBundles: try folder.remove("export/tile/entries")
        case .invalidUTF8:
            var bytes = try folder.read(bundle)
            bytes[200] = 0xFF
            try folder.write(bytes, to: bundle)
        case .noTile: try folder.remove("export/tile/0/001")
        case .cutTile: try folder.write(folder.read("export/tile/1/000.p/2").dropLast(), to: "export/tile/1/000.p/2")
        case .longTile: try folder.write(folder.read("export/tile/0/001") + [0], to: "export/tile/0/001")
        case .anchorIsMissing: try folder.remove("anchor")
        case .anchorIsAFolder:
            try folder.remove("anchor")
            try #require(mkdir("\(folder.path)/anchor", 0o700) == 0)
        case .emptyAnchor: try folder.write([], to: "anchor")
        case .anchorOfAnotherLedger:
            let key = try SampleLedger.key(1, origin: "faxlock/elsewhere")
            let checkpoint = try SampleLedger(count: 600, interval: 600, key: SampleLedger.key()).checkpoint(600)
            let foreign = Checkpoint(origin: key.origin, size: 600, root: checkpoint.root, time: SampleLedger.time(0))
            try folder.write(AnchorFile.line(foreign.signed(by: key)), to: "anchor")
        case .uncheckpointedTail:
            var ledger = try SampleLedger(count: 590, interval: 100, key: SampleLedger.key())
            for number in 590..<600 { ledger.events.append(SampleLedger.event(number)) }
            try folder.remove("export")
            try ledger.export(to: "\(folder.path)/export")
        }
    }

    /// Puts the same bytes there by a symbolic link, which a verifier must not follow.
    private func link(_ name: String, in folder: TemporaryFolder) throws {
        try folder.write(folder.read(name), to: "elsewhere")
        try folder.remove(name)
        try #require(symlink("\(folder.path)/elsewhere", "\(folder.path)/\(name)") == 0)
    }

    @Test(arguments: Deed.allCases)
    func hostileExportIsReported(deed: Deed) throws {
        try TemporaryFolder.with { folder in
            let key = try SampleLedger.key()
            let ledger = try SampleLedger(count: 600, interval: 100, key: key)
            try ledger.export(to: "\(folder.path)/export")
            try folder.write(ledger.anchor(300, key: key), to: "anchor")
            let verifier = LedgerVerifier(trusted: key.verifier, anchors: ["\(folder.path)/anchor"])
            #expect(verifier.verify(folder: "\(folder.path)/export").valid)
            try apply(deed, to: folder)
            let report = verifier.verify(folder: "\(folder.path)/export")
            #expect(!report.valid)
            #expect((1...VerificationReport.limit).contains(report.problems.count))
            if deed == .uncheckpointedTail {
                #expect(report.problems.contains { $0.code == .uncheckpointedTail && $0.seq == 590 })
                #expect(report.events == 600)
            }
            #expect(try !report.json.isEmpty)
        }
    }

    @Test func randomDamageIsAlwaysFound() throws {
        try TemporaryFolder.with { folder in
            let key = try SampleLedger.key()
            try SampleLedger(count: 300, interval: 100, key: key).export(to: "\(folder.path)/export")
            var random = SeededRandom(seed: 9)
            let names = ["tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "checkpoint"]
            for _ in 0..<60 {
                let name = try #require(names.randomElement(using: &random))
                let bytes = try folder.read("export/\(name)")
                var damaged = bytes
                damaged[Int.random(in: 0..<damaged.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
                try folder.write(damaged, to: "export/\(name)")
                #expect(!LedgerVerifier(trusted: key.verifier).verify(folder: "\(folder.path)/export").valid)
                try folder.write(bytes, to: "export/\(name)")
            }
            #expect(LedgerVerifier(trusted: key.verifier).verify(folder: "\(folder.path)/export").valid)
        }
    }

    @Test func exportGoesToNoFolderThatIsThere() throws {
        try TemporaryFolder.with { folder in
            let ledger = try SampleLedger(count: 3, interval: 3, key: SampleLedger.key())
            #expect(throws: LedgerExportError.folderExists(folder.path)) { try ledger.export(to: folder.path) }
            let note = try #require(ledger.notes.last)
            #expect(throws: LedgerExportError.leafTooLong(sequence: 1)) {
                _ = try LedgerExport.write(
                    to: "\(folder.path)/export", checkpoint: note, key: SampleLedger.key().verifier, checkpoints: { nil },
                    leaves: { [[], [UInt8](repeating: 0, count: 65_536)] })
            }
        }
    }

    /// Names of tiles and their order are those of C2SP tlog-tiles, whose example is a tree of 70,000 leaves.
    @Test func tilesAreWhereTheSpecificationPutsThem() throws {
        try TemporaryFolder.with { folder in
            var rest = 70_000
            let note = try #require(SampleLedger(count: 1, interval: 1, key: SampleLedger.key()).notes.last)
            let summary = try LedgerExport.write(
                to: "\(folder.path)/export", checkpoint: note, key: SampleLedger.key().verifier, checkpoints: { nil },
                leaves: {
                    defer { rest -= 7000 }
                    return rest > 0 ? Array(repeating: [1, 2], count: 7000) : nil
                })
            #expect(summary.leaves == 70_000)
            let exists = { (name: String) in access("\(folder.path)/export/tile/\(name)", F_OK) == 0 }
            for name in ["0/272", "0/273.p/112", "1/000", "1/001.p/17", "2/000.p/1", "entries/000", "entries/272", "entries/273.p/112"] {
                #expect(exists(name), "\(name)")
            }
            #expect(!exists("0/273"))
            #expect(!exists("1/001"))
            #expect(try folder.read("export/tile/entries/273.p/112").count == 112 * 4)
            #expect(try folder.read("export/tile/1/001.p/17").count == 17 * 32)
        }
    }
}
