import Crypto
import FaxModel
package import Ledger
import Vault

/// Proves every blob against the ledger: each document is what was accepted, rendered, transmitted or received, and each shredded one
/// is gone (45 CFR 164.312(c)(1)).
///
/// It reads while the server works, fax after fax; what a fax's own progress changes under it is looked at again.
package struct IntegrityCheck: Sendable {
    private let documents: Documents
    private var store: FaxStore { documents.store }

    /// Faxes and leaves that are read at once.
    private static let faxesAtOnce = 200
    private static let leavesAtOnce = 2000
    /// A blob comes before its row, which waits as long as the database is full, and goes after its key.
    private static let grace = Duration.seconds(600)

    package init(documents: Documents) {
        self.documents = documents
    }

    /// Looks at everything, and records that in the ledger.
    package func run(by initiator: Initiator) async throws -> IntegrityReport {
        var report = IntegrityReport()
        let found = try await checkLedger(&report)
        let seen = try await checkFaxes(&report, isLedgerOn: found)
        if try await store.documentCount() > seen {
            for stray in try await store.documentsOfNoFax(limit: IntegrityReport.listed) {
                report.add(.noFax, stray, "No fax has this document. Compare with a backup (faxlock backup drill).")
            }
        }
        try await checkFolder(&report)
        try await store.record(
            LedgerEvent(
                .integrityChecked, object: "vault", by: initiator, outcome: report.problemCount == 0 ? .success : .failure,
                details: [
                    "documents": .integer(Int64(report.documents)), "shredded": .integer(Int64(report.shredded)),
                    "bytes": .integer(report.bytes), "problems": .integer(Int64(report.problemCount)),
                ]))
        return report
    }

    // MARK: Ledger

    /// - Returns: whether there is a ledger to prove anything against.
    private func checkLedger(_ report: inout IntegrityReport) async throws -> Bool {
        guard store.ledger.isEnabled else {
            report.add(.ledgerOff, nil, "The audit ledger is turned off (AUDIT_LOG_ENABLED): blobs were compared with the database alone.")
            return false
        }
        let expected = try await store.ledgerTree()
        var frontier = Frontier()
        var isContiguous = true
        while frontier.size < expected.size {
            try Task.checkCancellation()
            let page = try await store.leaves(
                from: frontier.size, limit: Int(min(Int64(Self.leavesAtOnce), expected.size - frontier.size)))
            guard !page.hashes.isEmpty else { break }
            isContiguous = isContiguous && page.isContiguous
            for hash in page.hashes { frontier.append(hash) }
            for document in page.missing {
                report.add(.noRow, document, "The ledger tells of this document and the database does not have it. Restore a backup.")
            }
        }
        if !isContiguous || frontier != expected {
            report.add(
                .ledgerDamaged, nil,
                "The ledger's events are not those that were recorded. Run `faxlock audit verify`, and keep this folder as evidence.")
        }
        return true
    }

    // MARK: Documents

    /// - Returns: how many rows were looked at.
    private func checkFaxes(_ report: inout IntegrityReport, isLedgerOn: Bool) async throws -> Int {
        var seen = 0
        var last = ""
        while true {
            let faxes = try await store.faxIDs(after: last, limit: Self.faxesAtOnce)
            guard let end = faxes.last else { return seen }
            for fax in faxes {
                try Task.checkCancellation()
                for finding in try await store.evidence(of: fax) {
                    seen += 1
                    switch finding {
                    case .damaged(let row):
                        report.add(.damagedRow, row, "The document's row in the database is damaged. Restore a backup.")
                    case .document(let evidence):
                        if isLedgerOn { compare(evidence, &report) }
                        try await check(evidence, &report)
                    }
                }
            }
            last = end.text
        }
    }

    /// The row against the ledger.
    private func compare(_ evidence: FaxStore.Evidence, _ report: inout IntegrityReport) {
        let id = evidence.document.id.rawValue
        let sha256 = FaxStore.hex(evidence.document.sha256)
        switch evidence.recorded {
        case nil: report.add(.noLeaf, id, "No event of the ledger tells how this document came.")
        case sha256?: break
        case .some: report.add(.differsFromLedger, id, "The database says another SHA-256 than the ledger's event.")
        }
        if evidence.isShredded, evidence.certified != sha256 {
            report.add(.noCertificate, id, "The document was destroyed, and no certificate in the ledger says so.")
        }
    }

    /// The blob against the row.
    private func check(_ evidence: FaxStore.Evidence, _ report: inout IntegrityReport) async throws {
        guard !evidence.isShredded else {
            report.shredded += 1
            return
        }
        report.documents += 1
        guard let first = try await problem(with: evidence.document, &report) else { return }
        // A hold may have moved the key, or retention shredded the document, since its row was read.
        guard let now = try? await store.document(evidence.document.id) else {
            if case .noKey = first.kind { report.add(first.kind, evidence.document.id.rawValue, first.sentence) }
            return
        }
        let problem =
            now.wrappedKey == evidence.document.wrappedKey ? first : try await problem(with: now, &report)
        if let problem { report.add(problem.kind, now.id.rawValue, problem.sentence) }
    }

    private func problem(
        with document: StoredDocument, _ report: inout IntegrityReport
    ) async throws -> (kind: IntegrityReport.Kind, sentence: String)? {
        var hash = SHA256()
        var size = 0
        do {
            for try await chunk in try await documents.open(document).chunks {
                hash.update(data: chunk)
                size += chunk.count
                report.bytes += Int64(chunk.count)
            }
        } catch let error as KeyError {
            return (.noKey, "The document's key cannot be opened (\(error)). Restore the newest key bundle or a backup.")
        } catch BlobError.missing {
            return (.missingBlob, "The document's blob is not in the blob folder. Restore a backup.")
        } catch let error as BlobError {
            return (.damagedBlob, "The document's blob is damaged (\(error)). Restore a backup.")
        }
        guard size == document.size, Array(hash.finalize()) == document.sha256 else {
            return (.wrongContent, "The blob opens, but its content is not what the database says. Restore a backup.")
        }
        return nil
    }

    // MARK: Folder

    /// Blobs that should not be there. What is found is looked for a second time: files come before their rows, and go after them.
    private func checkFolder(_ report: inout IntegrityReport) async throws {
        let suspects = try await unwanted()
        guard !suspects.isEmpty else { return }
        for (blob, isShredded) in try await unwanted() where suspects[blob] == isShredded {
            if isShredded {
                report.add(
                    .leftBehind, blob.document.rawValue,
                    "The document was destroyed and its file is still there. Run `faxlock retention run`, or start the server again.")
            } else {
                report.add(
                    .orphan, blob.document.rawValue, "The database does not know this blob. The next start of the server removes it.")
            }
        }
    }

    /// Blobs without a row (false), and those of shredded documents (true).
    private func unwanted() async throws -> [BlobID: Bool] {
        let settled = store.clock().advanced(by: .zero - Self.grace)
        let blobs = try await documents.folder.list()
        let known = try await store.knownDocuments(among: blobs.map(\.document))
        var found: [BlobID: Bool] = [:]
        for blob in blobs where !known.contains(blob.document) {
            do {
                _ = try await store.document(blob.document)
            } catch StoreFailure.shredded(_, let at) {
                if at < settled { found[blob] = true }
            } catch StoreFailure.unknownDocument {
                if blob.document.madeAt.map({ $0 < settled }) ?? true { found[blob] = false }
            }
        }
        return found
    }
}

extension DocumentID {
    /// When it was made: the id begins with the milliseconds. Nil for an id of another form.
    var madeAt: Timestamp? {
        Int64(rawValue.prefix(12), radix: 16).map { Timestamp(milliseconds: $0) }
    }
}
