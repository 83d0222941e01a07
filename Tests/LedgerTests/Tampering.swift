import Ledger
import Testing

/// What somebody with full access to the server does to a ledger of 600 events. He computes all hashes anew, and signs where he has a key.
enum Tampering: String, CaseIterable, CustomTestStringConvertible {
    case editedAnEvent, editedAnEventOnDiskOnly, deletedAnEvent, insertedAnEvent, reorderedEvents
    case truncatedEvents, truncatedTheLastEvent
    /// With the real key, stolen.
    case forked
    case resignedAll, resignedAllButTheBeginning, forgedKeyChange, keyChangeSignedByHimself
    /// An older state of all, which was right when it was made.
    case rolledBack
    case replayedOldCheckpoint, replayedOldCheckpointInList

    var testDescription: String { rawValue }

    /// What only somebody can see who kept an anchor.
    var needsAnchor: Bool { self == .forked || self == .rolledBack }

    /// One of the problems that the verifier must name.
    var code: VerificationReport.Code {
        switch self {
        case .editedAnEvent, .editedAnEventOnDiskOnly, .deletedAnEvent, .insertedAnEvent, .reorderedEvents: .rootDiffers
        case .truncatedEvents, .truncatedTheLastEvent: .missingEvents
        case .forked: .anchorDiffers
        case .resignedAll: .untrustedKey
        case .resignedAllButTheBeginning: .badSignature
        case .forgedKeyChange, .keyChangeSignedByHimself: .forgedKeyChange
        case .rolledBack: .anchorBeyondEnd
        case .replayedOldCheckpoint: .staleCheckpoint
        case .replayedOldCheckpointInList: .checkpointsGoBack
        }
    }

    static let size = 600

    /// Exports the ledger as it is after the deed.
    func export(_ honest: SampleLedger, to folder: TemporaryFolder) throws {
        let real = try SampleLedger.key()
        let own = try SampleLedger.key(66)
        let other = SampleLedger.event(100_001)
        var ledger = honest
        switch self {
        case .editedAnEvent: ledger.events[140] = other
        case .editedAnEventOnDiskOnly: break
        case .deletedAnEvent:
            ledger.events.remove(at: 140)
            // So that the number of events is what the checkpoint says.
            ledger.events.append(other)
        case .insertedAnEvent:
            ledger.events.insert(other, at: 140)
            ledger.events.removeLast()
        case .reorderedEvents: ledger.events.swapAt(140, 141)
        case .truncatedEvents: ledger.events.removeLast(100)
        case .truncatedTheLastEvent: ledger.events.removeLast()
        case .forked:
            for index in 300..<Self.size { ledger.events[index] = SampleLedger.event(200_000 + index) }
            try ledger.signAgain(key: real)
        case .resignedAll:
            ledger.events[0] = SampleLedger.begun(own)
            ledger.events[140] = other
            try ledger.signAgain(key: own)
        case .resignedAllButTheBeginning:
            ledger.events[140] = other
            try ledger.signAgain(key: own)
        case .forgedKeyChange, .keyChangeSignedByHimself:
            let change = try LedgerKeyChange(from: own, to: own.verifier, sequence: 140)
            var details = change.details
            if self == .forgedKeyChange { details["old_key"] = .text("\(real.verifier)") }
            ledger.events[140] = LedgerEvent(.ledgerKeyChanged, object: "ledger", by: .system, details: details)
            let before = ledger.notes.filter { (Checkpoint(text: $0.text)?.size ?? 0) <= 140 }
            try ledger.signAgain(key: own)
            ledger.notes.replaceSubrange(0..<before.count, with: before)
        case .rolledBack:
            ledger.events.removeLast(300)
            ledger.notes = Array(ledger.notes.prefix(3))
        case .replayedOldCheckpoint: ledger.latest = ledger.notes[2]
        case .replayedOldCheckpointInList:
            ledger.notes.append(ledger.notes[2])
        }
        try ledger.export(to: "\(folder.path)/export")
        if self == .editedAnEventOnDiskOnly {
            let bundle = "export/tile/entries/000"
            var bytes = try folder.read(bundle)
            let outcome = try #require(bytes.indices.last { bytes[$0...].starts(with: Array("success".utf8)) })
            bytes.replaceSubrange(outcome..<outcome + 7, with: Array("failure".utf8))
            try folder.write(bytes, to: bundle)
        }
    }
}
