/// What proving every blob against the ledger found (45 CFR 164.312(c)).
package struct IntegrityReport: Sendable {
    /// What is wrong; the words are part of the API.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The database has the document, the blob folder has not.
        case missingBlob = "missing_blob"
        /// The blob's header, key or sealed stream does not verify.
        case damagedBlob = "damaged_blob"
        /// The blob opens, but its content is not what the database says.
        case wrongContent = "wrong_content"
        /// The database's SHA-256 is not the ledger's.
        case differsFromLedger = "differs_from_ledger"
        /// No event of the ledger tells that the document came.
        case noLeaf = "no_leaf"
        /// The document was shredded and no event certifies it.
        case noCertificate = "no_certificate"
        /// The document was shredded and its file is there.
        case leftBehind = "left_behind"
        /// A blob that the database does not know.
        case orphan
        /// A document of no fax.
        case noFax = "no_fax"
        /// The ledger tells of a document that the database does not have.
        case noRow = "no_row"
        /// The key of the document's epoch was destroyed, or does not open the document's key.
        case noKey = "no_key"
        /// A row does not hold what the schema says.
        case damagedRow = "damaged_row"
        /// The leaves are not those over which the ledger's tree was built.
        case ledgerDamaged = "ledger_damaged"
        /// The ledger is turned off: nothing could be proved against it.
        case ledgerOff = "ledger_off"
    }

    /// One thing that is wrong.
    package struct Problem: Sendable, Equatable {
        /// The document's id, nil where it is the ledger.
        package let document: String?
        package let kind: Kind
        /// What is wrong and what to do, for a person.
        package let sentence: String
    }

    /// The most problems that are listed.
    static let listed = 1000

    /// Documents that were opened from beginning to end, or should have been.
    package internal(set) var documents = 0
    /// Documents that were shredded, whose certificates were looked for.
    package internal(set) var shredded = 0
    /// Bytes of plaintext that were read.
    package internal(set) var bytes: Int64 = 0
    /// All problems; ``problems`` lists up to 1,000 of them.
    package internal(set) var problemCount = 0
    package private(set) var problems: [Problem] = []

    mutating func add(_ kind: Kind, _ document: String?, _ sentence: String) {
        problemCount += 1
        if problems.count < Self.listed { problems.append(Problem(document: document, kind: kind, sentence: sentence)) }
    }
}
