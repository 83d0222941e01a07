import FaxModel
import FoundationEssentials
import GRDB
import Ledger
import Vault

/// A fax that is about to be accepted: what needs no transaction is done.
struct AcceptedRow: Sendable {
    let fax: FaxRecord
    let document: StoredDocument
    let event: LedgerEvent
    private let number: Data
    private let numberIndex: Data
    private let terms: Data?

    init(_ fax: FaxRecord, document: StoredDocument, by initiator: Initiator, store: FaxStore) throws {
        self.fax = fax
        self.document = document
        number = try store.columns.seal(fax.number.dialString, .faxNumber, row: fax.id.text)
        numberIndex = try store.columns.index(number: fax.number.dialString)
        terms = try SealedTerms(fax.terms).map {
            try store.columns.seal(String(decoding: try JSONEncoder().encode($0), as: UTF8.self), .faxTerms, row: fax.id.text)
        }
        var details: [String: LedgerValue] = [
            "number": .text(try store.pseudonym(number: fax.number.dialString)), "document": .text(document.id.rawValue),
            "sha256": .text(FaxStore.hex(document.sha256)), "size": .integer(Int64(document.size)), "mailbox": .text(fax.mailbox),
            "backend": .text(fax.backend), "state": .text(fax.state.rawValue),
        ]
        if let purpose = fax.terms.purpose { details["purpose"] = .text(purpose.rawValue) }
        if let batch = fax.batch { details["batch"] = .text(batch.text) }
        if let source = fax.resentFrom { details["resent_from"] = .text(source.text) }
        event = LedgerEvent(.faxAccepted, object: "fax/\(fax.id)", by: initiator, details: details)
    }

    func insert(in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO faxes (id, mailbox, state, owner, sealed_number, number_index, backend, format, resolution, paper,
                    document, created_at, updated_at, moved_at, priority, rank, due_at, not_after, send_at, hours, purpose,
                    sealed_terms, max_dials, max_tries, hold, batch, resent_from)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                fax.id.text, fax.mailbox, fax.state.rawValue, fax.owner, number, numberIndex, fax.backend, fax.format,
                fax.resolution.rawValue, fax.paper, fax.document.rawValue, fax.createdAt.milliseconds, fax.updatedAt.milliseconds,
                fax.updatedAt.milliseconds,
            ] + [
                fax.terms.priority.rawValue, fax.rank, fax.dueAt.milliseconds, fax.notAfter.milliseconds,
                fax.terms.sendAt?.milliseconds, fax.terms.hours?.description, fax.terms.purpose?.rawValue, terms, fax.terms.maximumDials,
                fax.terms.maximumTries, fax.hold?.rawValue, fax.batch?.text, fax.resentFrom?.text,
            ])
    }
}
