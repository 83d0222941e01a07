/// Verifies an export offline: what `faxlock audit verify` does (45 CFR 164.312(b), (c)).
package struct LedgerVerifier: Sendable {
    /// The key that the ledger began with, as the auditor keeps it. Without it no export is valid: it would vouch for itself.
    package var trusted: VerifierKey?
    /// Files that were kept out of the server's reach, see ``AnchorFile``. Copies in the export prove nothing and are not read.
    package var anchors: [String]
    /// The numbers of `ledger.rollback_accepted` events that the auditor knows of and accepts: checkpoints of what such a
    /// rollback took away become remarks.
    package var acceptedRollbacks: Set<Int64>

    package init(trusted: VerifierKey?, anchors: [String] = [], acceptedRollbacks: Set<Int64> = []) {
        self.trusted = trusted
        self.anchors = anchors
        self.acceptedRollbacks = acceptedRollbacks
    }

    /// Reads the export in `folder`, which may be hostile: about 400,000 events a second; the memory that it takes grows only with the
    /// number of checkpoints. It blocks its thread.
    package func verify(folder: String) -> VerificationReport {
        var report = VerificationReport()
        if trusted == nil {
            report.problem(.unauthenticated, "No trusted key was given, so it cannot be said whose ledger this is: give the key.")
        }
        guard let reader = FolderReader(path: folder) else {
            report.problem(.unreadable, "There is no folder \(folder) that can be read.")
            return report
        }
        let claims = ClaimedCheckpoints(folder: reader, anchors: anchors, report: &report)
        var pass = VerificationPass(trusted: trusted, acceptedRollbacks: acceptedRollbacks, claims: claims, report: report)
        pass.readLeaves(in: reader)
        return pass.finish(in: reader)
    }
}
