/// One pass over the leaves of an export, in which everything is compared that can be.
struct VerificationPass {
    private let claims: ClaimedCheckpoints
    private let acceptedRollbacks: Set<Int64>
    private(set) var report: VerificationReport
    private var stack = TileStack()
    /// The next of the claims, which are sorted by size.
    private var nextClaim = 0
    /// Who signs checkpoints of the size that the tree has now.
    private var owner: VerifierKey?
    private let trusted: VerifierKey?
    private var rollbacks = AcceptedRollbacks()
    private var clock = LeafClock()
    private var lastTime: Int64 = .min
    /// The last note whose signature was good: anchors repeat what the list has.
    private var lastGood: SignedNote?
    private var bundle = [UInt8](repeating: 0, count: Tile.fullWidth * (2 + Int(UInt16.max)))
    private var tileBuffer = [UInt8](repeating: 0, count: Tile.fullWidth * MerkleHash.size)

    /// Clocks are corrected; more than this is remarked on. Milliseconds.
    private static let tolerance: Int64 = 5 * 60 * 1000

    init(trusted: VerifierKey?, acceptedRollbacks: Set<Int64>, claims: ClaimedCheckpoints, report: VerificationReport) {
        self.trusted = trusted
        self.acceptedRollbacks = acceptedRollbacks
        self.claims = claims
        self.report = report
        owner = trusted
    }

    /// Reads all bundles that there are, until one is missing or not full, or there are too many problems.
    mutating func readLeaves(in folder: borrowing FolderReader) {
        var index: Int64 = 0
        while !report.isFull, let (tile, count) = readBundle(index, in: folder) {
            guard readLeaves(of: tile, byteCount: count, in: folder), tile.width == Tile.fullWidth else { break }
            index += 1
        }
    }

    /// Reads a bundle into the buffer: the full one, else the widest of the partial ones.
    private mutating func readBundle(_ index: Int64, in folder: borrowing FolderReader) -> (Tile, Int)? {
        for width in stride(from: Tile.fullWidth, to: 0, by: -1) {
            let tile = Tile(content: .entries, index: index, width: width)
            switch folder.read(tile.path, into: &bundle) {
            case .read(let count): return (tile, count)
            case .missing: continue
            case .refused(let sentence):
                report.problem(.malformedBundle, "\(sentence).", seq: stack.frontier.size)
                return nil
            }
        }
        return nil
    }

    /// False when the bundle has another number of leaves than its name says.
    private mutating func readLeaves(of tile: Tile, byteCount: Int, in folder: borrowing FolderReader) -> Bool {
        var buffer: [UInt8] = []
        swap(&buffer, &bundle)
        defer { swap(&buffer, &bundle) }
        var position = 0
        var leaves = 0
        while position < byteCount, leaves < tile.width, !report.isFull {
            guard byteCount - position >= 2 else { break }
            let length = Int(buffer[position]) << 8 | Int(buffer[position + 1])
            guard byteCount - position - 2 >= length else { break }
            // The prefix of a leaf takes the place of the length's last byte.
            buffer[position + 1] = 0
            let start = position + 2
            let hash = MerkleHash(prefixedLeaf: buffer.span.bytes.extracting(start - 1..<start + length))
            check(buffer.span.extracting(start..<start + length))
            append(hash, in: folder)
            position = start + length
            leaves += 1
        }
        if position == byteCount, leaves == tile.width { return true }
        if !report.isFull {
            report.problem(
                .malformedBundle, "\(tile.path) does not have the \(tile.width) events that its name says.", seq: stack.frontier.size)
        }
        return false
    }

    private mutating func append(_ hash: MerkleHash, in folder: borrowing FolderReader) {
        if stack.frontier.size == 0 { checkClaims() }
        var full: (Tile, [UInt8])?
        var others: [(Tile, [UInt8])] = []
        stack.append(hash) { tile, hashes in
            if full == nil { full = (tile, hashes) } else { others.append((tile, hashes)) }
        }
        if let full {
            compare(full.0, full.1, in: folder)
            for (tile, hashes) in others { compare(tile, hashes, in: folder) }
        }
        checkClaims()
    }

    private mutating func compare(_ tile: Tile, _ hashes: [UInt8], in folder: borrowing FolderReader) {
        switch folder.read(tile.path, into: &tileBuffer) {
        case .read(let count):
            if tileBuffer.prefix(count) != hashes[...] {
                report.problem(.tileDiffers, "\(tile.path) does not have the hashes of the events.")
            }
        case .missing: report.problem(.missingFile, "\(tile.path) is missing.")
        case .refused(let sentence): report.problem(.tileDiffers, "\(sentence).")
        }
    }

    // MARK: Leaves

    private mutating func check(_ leaf: Span<UInt8>) {
        let sequence = stack.frontier.size
        do {
            let scan = try LeafScan(leaf)
            if scan.sequence != sequence {
                report.problem(.wrongSequence, "Event \(sequence) says that it is event \(scan.sequence).", seq: sequence)
            }
            guard let time = clock.milliseconds(scan.time, in: leaf) else { throw LeafDefect.badTime }
            if time < lastTime, lastTime - time > Self.tolerance {
                let seconds = (lastTime - time) / 1000
                report.remark(.clockWentBack, "The clock went back by \(seconds) s before event \(sequence).", seq: sequence)
            }
            lastTime = time
            // The ledger's own events begin with an l.
            if sequence == 0 || leaf[scan.action.lowerBound] == UInt8(ascii: "l") {
                try checkLedgerEvent(scan, in: leaf, sequence: sequence)
            }
        } catch {
            let what =
                switch error as? LeafDefect {
                case .malformed(let position): "is malformed from its byte \(position) on"
                case .unknownVersion: "has another version than \(Leaf.version)"
                default: "has no time that can be read"
                }
            report.problem(.malformedLeaf, "Event \(sequence) \(what).", seq: sequence)
            if sequence == 0 { report.problem(.notBegun, "The first event is not ledger.begun.", seq: 0) }
        }
    }

    private mutating func checkLedgerEvent(_ scan: LeafScan, in leaf: Span<UInt8>, sequence: Int64) throws(LeafDefect) {
        let action = LedgerAction(rawValue: LeafScan.text(scan.action, in: leaf))
        if sequence == 0, action != .ledgerBegun { report.problem(.notBegun, "The first event is not ledger.begun.", seq: 0) }
        switch action {
        case .ledgerBegun: begin(try scan.details(in: leaf), sequence: sequence)
        case .ledgerKeyChanged: changeKey(try scan.details(in: leaf), sequence: sequence)
        case .ledgerRollbackAccepted:
            let details = try scan.details(in: leaf)
            guard case .integer(let expected) = details["expected"] else { throw .malformed(at: scan.details.lowerBound) }
            if report.rollbacks.count < VerificationReport.limit { report.rollbacks.append(sequence) }
            if acceptedRollbacks.contains(sequence) { rollbacks.add(from: sequence, upTo: expected) }
            report.remark(
                .rollbackAccepted,
                "Event \(sequence): an operator accepted that the ledger has \(sequence) events where it had \(expected).", seq: sequence)
        default: break
        }
    }

    private mutating func begin(_ details: [String: LedgerValue], sequence: Int64) {
        guard sequence == 0, case .text(let text) = details["key"], let key = VerifierKey(text), details["origin"] == .text(key.name) else {
            report.problem(.notBegun, "Event \(sequence) is no good beginning of a ledger.", seq: sequence)
            return
        }
        if let trusted, trusted != key { report.problem(.untrustedKey, "The ledger began with another key than the trusted one.", seq: 0) }
        owner = trusted ?? key
        report.keys.append("\(key)")
    }

    private mutating func changeKey(_ details: [String: LedgerValue], sequence: Int64) {
        guard let change = LedgerKeyChange(details: details), let old = owner, change.isValid(after: old, sequence: sequence) else {
            report.problem(.forgedKeyChange, "Event \(sequence) changes the key without the old key's signature.", seq: sequence)
            return
        }
        owner = change.newKey
        report.keys.append("\(change.newKey)")
        report.remark(.keyChanged, "Checkpoints of more than \(sequence) events are signed by another key.", seq: sequence)
    }

    // MARK: Checkpoints

    /// Checks the claims about the size that the tree has now.
    private mutating func checkClaims() {
        let size = stack.frontier.size
        guard nextClaim < claims.records.count, claims.records[nextClaim].size <= size else { return }
        let root = stack.frontier.root
        while nextClaim < claims.records.count, claims.records[nextClaim].size == size, !report.isFull {
            check(claims.records[nextClaim], root: root)
            nextClaim += 1
        }
    }

    private mutating func check(_ record: CheckpointRecord, root: MerkleHash) {
        let place = claims.place(of: record)
        let isKnown = isSignatureGood(of: record, place: place)
        guard record.root != root else { return }
        if isKnown, record.source != ClaimedCheckpoints.latestSource, rollbacks.excuse(record.size) {
            report.remark(.rolledBack, "\(place) at \(record.size) events is of what a rollback took away.", seq: record.size)
        } else {
            let isAnchor = record.source > ClaimedCheckpoints.listSource
            report.problem(
                isAnchor ? .anchorDiffers : .rootDiffers,
                "\(place) at \(record.size) events was made over other events than the first \(record.size) of this export.")
        }
    }

    /// Whether the owner of the size signed it; a problem if not.
    private mutating func isSignatureGood(of record: CheckpointRecord, place: String) -> Bool {
        guard let (note, checkpoint) = claims.read(record), checkpoint.size == record.size, checkpoint.root == record.root else {
            report.problem(.unreadable, "\(place) at \(record.size) events cannot be read again.")
            return false
        }
        guard let owner else {
            report.problem(.badSignature, "\(place) at \(record.size) events: no key is known that could have signed it.")
            return false
        }
        guard checkpoint.origin == owner.name else {
            report.problem(.wrongOrigin, "\(place) at \(record.size) events is of another ledger.")
            return false
        }
        // The owner changes only as the size grows, and a good note was checked at this size: no two keys can own one note.
        if note == lastGood { return true }
        guard note.isSigned(by: owner) else {
            report.problem(.badSignature, "\(place) at \(record.size) events is not signed by the key that owns that part of the ledger.")
            return false
        }
        lastGood = note
        return true
    }

    // MARK: The end

    /// Compares what can only be compared at the end, and gives the report.
    mutating func finish(in folder: borrowing FolderReader) -> VerificationReport {
        let size = stack.frontier.size
        report.events = size
        report.root = Base64.encode(stack.frontier.root.bytes)
        if !report.isFull {
            if size == 0 {
                report.problem(.notBegun, "The export has no events.")
                checkClaims()
            }
            for (tile, hashes) in stack.partial { compare(tile, hashes, in: folder) }
            checkBeyondEnd(size)
            checkList(size)
        }
        report.valid = report.problems.isEmpty && trusted != nil && claims.latest != nil
        return report
    }

    private mutating func checkBeyondEnd(_ size: Int64) {
        while nextClaim < claims.records.count, !report.isFull {
            let record = claims.records[nextClaim]
            nextClaim += 1
            let place = claims.place(of: record)
            let isKnown = isSignatureGood(of: record, place: place)
            if isKnown, record.source != ClaimedCheckpoints.latestSource, rollbacks.excuse(record.size) {
                report.remark(.rolledBack, "\(place) at \(record.size) events is of what a rollback took away.", seq: record.size)
            } else {
                report.problem(
                    record.source > ClaimedCheckpoints.listSource ? .anchorBeyondEnd : .missingEvents,
                    "\(place) was made over \(record.size) events, but the export has \(size).")
            }
        }
    }

    private mutating func checkList(_ size: Int64) {
        for (line, from, to) in claims.decreases where !rollbacks.excuseDecrease(from: from, to: to) {
            report.problem(.checkpointsGoBack, "checkpoints, line \(line): \(to) events after \(from).")
        }
        guard let latest = claims.latest else { return }
        if latest.size < size {
            let tail = size - latest.size
            report.problem(.uncheckpointedTail, "The last \(tail) events are in no checkpoint.", seq: latest.size)
        }
        // The list's newest that is not of what a rollback took away.
        let newest = claims.records.last { $0.source == ClaimedCheckpoints.listSource && !rollbacks.excuse($0.size) }
        if let newest, newest.size > latest.size {
            report.problem(.staleCheckpoint, "The latest checkpoint is of \(latest.size) events, but the list has one of \(newest.size).")
        }
        let isListed = claims.records.contains {
            $0.source == ClaimedCheckpoints.listSource && $0.size == latest.size && $0.root == latest.root
        }
        if !isListed { report.problem(.staleCheckpoint, "The latest checkpoint is not in the list of checkpoints.") }
    }
}
