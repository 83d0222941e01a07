package import FaxModel
package import Vault

/// What the store tells its callers beside the database's own errors.
package enum StoreFailure: Error, CustomStringConvertible {
    /// A write of a server that no longer leads: another one has started on the same database. It must stop.
    case staleFence
    /// A row does not hold what the schema says.
    case damagedRow(table: String, row: String)
    /// A document that a row names is not in the database.
    case unknownDocument(String)
    /// A document was destroyed: its certificate is the ledger's event `document.shredded`.
    case shredded(id: DocumentID, at: Timestamp)
    /// A fax that is neither in the database as sent nor as received.
    case unknownFax(FaxID)
    /// The key that asked for a change was revoked or has expired since its request began: nothing was changed.
    case revokedInitiator
    /// A document was sealed under an epoch whose key was destroyed meanwhile: nothing of it was accepted.
    case destroyedEpoch(EpochName)
    /// A fax on which a legal hold lies already.
    case alreadyHeld(FaxID)
    /// There is no legal hold on the fax.
    case notHeld(FaxID)
    /// All documents of the fax were destroyed before.
    case nothingToHold(FaxID)
    /// The ledger is turned off, so nothing can vouch for a new signing key.
    case ledgerIsOff
    /// The key file is not the one with which this data folder was made.
    case wrongKeyFile(path: String, expected: String, found: String)
    /// The data folder has data, but its key file is gone.
    case missingKeyFile(path: String, expected: String)

    package var description: String {
        switch self {
        case .staleFence: "another server has taken over this database"
        case .damagedRow(let table, let row): "row \(row) of table \(table) is damaged"
        case .unknownDocument(let id): "document \(id) is not in the database"
        case .shredded(let id, let at): "document \(id) was destroyed at \(at), as the rules of retention ask"
        case .unknownFax(let id): "there is no fax \(id)"
        case .revokedInitiator: "the key that asked for this was revoked or has expired meanwhile; nothing was changed"
        case .destroyedEpoch(let epoch): "the key of epoch \(epoch) was destroyed while the document was sealed; try again"
        case .alreadyHeld(let id): "a legal hold lies on fax \(id) already"
        case .notHeld(let id): "there is no legal hold on fax \(id)"
        case .nothingToHold(let id): "the documents of fax \(id) were destroyed before"
        case .ledgerIsOff: "the audit ledger is turned off (AUDIT_LOG_ENABLED), so its key cannot be changed"
        case .wrongKeyFile(let path, let expected, let found):
            """
            The key file \(path) holds key \(found), but the data folder was sealed with key \(expected). Point FAXLOCK_KEY_FILE at the right \
            file, or name the former one in FAXLOCK_RETIRED_KEY_FILES.
            """
        case .missingKeyFile(let path, let expected):
            """
            The key file \(path) is missing; the data folder was sealed with key \(expected). Restore the file or point FAXLOCK_KEY_FILE at it. \
            Nothing was changed.
            """
        }
    }
}
