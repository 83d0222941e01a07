extension Error {
    /// Whether nothing was done because the audit ledger could not be written (45 CFR 164.312(b)).
    package var isLedgerUnavailable: Bool {
        if let error = self as? GroupCommit.TransactionLost { return error.cause.isLedgerUnavailable }
        return self is LedgerBook.Unavailable
    }
}
