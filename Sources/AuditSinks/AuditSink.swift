/// A place outside of the ledger that gets a copy of it (45 CFR 164.312(b)): who changes the ledger must change this too.
package protocol AuditSink: Sendable {
    /// A short word for status and log: `file`, `syslog`, ...
    var name: String { get }

    /// Gives records to the other side, in order. Records may come twice: after a failure the same ones are given again.
    ///
    /// No records: looks whether the other side is there, and repeats what a broken connection may have lost.
    ///
    /// When it returns, the other side has them as durably as its protocol lets this side know.
    /// - Throws: ``AuditSinkError``; then any of them may or may not have arrived.
    func deliver(_ records: [AuditRecord]) async throws

    /// Ends connections. Nothing is delivered afterwards.
    func close() async
}
