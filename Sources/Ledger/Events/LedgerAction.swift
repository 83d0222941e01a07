/// What an event says was done. The words are part of the ledger's format: they are never renamed, and new ones may come.
package enum LedgerAction: String, Sendable, Hashable, CaseIterable {
    // MARK: The ledger itself

    /// The first event; names the key that signs checkpoints.
    case ledgerBegun = "ledger.begun"
    /// Checkpoints after this event are signed by the key in `details`, which the old key vouches for.
    case ledgerKeyChanged = "ledger.key_changed"
    /// An operator took note that the ledger is shorter than a checkpoint or anchor says, and had the server start.
    case ledgerRollbackAccepted = "ledger.rollback_accepted"

    // MARK: The server

    case serverStarted = "server.started"
    case serverStopped = "server.stopped"
    /// A setting differs from the last start.
    case settingChanged = "setting.changed"

    // MARK: Faxes

    case faxAccepted = "fax.accepted"
    case faxRendered = "fax.rendered"
    case faxStateChanged = "fax.state_changed"
    /// A call is about to be made.
    case attemptIntended = "attempt.intended"
    case attemptStarted = "attempt.started"
    case attemptEnded = "attempt.ended"
    /// A person lets a held fax go.
    case faxReleased = "fax.released"
    /// A client withdraws a fax.
    case faxCancelRequested = "fax.cancel_requested"
    /// A call record or a person said what came of an unknown outcome.
    case faxReconciled = "fax.reconciled"
    /// A fax was sent again as a new one.
    case faxResent = "fax.resent"
    case inboundReceived = "inbound.received"
    /// Calls to a number that leads nowhere were refused.
    case inboundRefused = "inbound.refused"
    case callbackAccepted = "callback.accepted"
    case callbackRefused = "callback.refused"

    // MARK: Content

    /// A document is about to be given to somebody; committed before its first byte leaves.
    case contentReleased = "content.released"
    /// A link that opens a document was made.
    case tokenIssued = "token.issued"

    // MARK: Access

    case keyCreated = "key.created"
    case keyRotated = "key.rotated"
    case keyRevoked = "key.revoked"
    case keyFirstUsed = "key.first_used"
    case signInSucceeded = "sign_in.succeeded"
    case signInFailed = "sign_in.failed"
    case scopeDenied = "scope.denied"
    case rateLimited = "rate.limited"
    case personRevoked = "person.revoked"
    case breakGlassOpened = "break_glass.opened"
    case breakGlassReviewed = "break_glass.reviewed"
    case mailboxChanged = "mailbox.changed"
    case grantChanged = "grant.changed"

    // MARK: Keeping and destroying

    /// A document was there before the ledger began: from here on the ledger vouches for it.
    case documentAdopted = "document.adopted"
    /// The certificate of destruction of a document.
    case documentShredded = "document.shredded"
    /// The certificate of destruction of an epoch's key: what was sealed under it opens nowhere, in no backup.
    case epochDestroyed = "epoch.destroyed"
    case holdPlaced = "hold.placed"
    case holdReleased = "hold.released"
    case keysRewrapped = "keys.rewrapped"
    case ledgerPruned = "ledger.pruned"

    // MARK: Operation

    case backupMade = "backup.made"
    case backupDrilled = "backup.drilled"
    case backupRestored = "backup.restored"
    case integrityChecked = "integrity.checked"
    case doctorReported = "doctor.reported"
    case activityReviewed = "activity.reviewed"
    case auditRead = "audit.read"

    // MARK: Numbers and associates

    case numberChanged = "number.changed"
    /// A rule on whom faxes may go to.
    case recipientChanged = "recipient.changed"
    case webhookChanged = "webhook.changed"
    case associateRecorded = "associate.recorded"
    case associateRemoved = "associate.removed"
    /// A fax was held back because its carrier has no agreement in force.
    case associateMissing = "associate.missing"
}
