import HTTPTypes
import Hummingbird
import Ledger

extension Request {
    /// Why the caller opens a document, from `X-Access-Reason` (45 CFR 164.502(b), minimum necessary).
    /// - Throws: a 400 ``Problem`` when it is malformed, or missing where it is required.
    func accessReason(isRequired: Bool = false) throws(Problem) -> AccessReason? {
        guard let text = headers[.accessReason] else {
            guard isRequired else { return nil }
            throw Problem(.badRequest, "Opening a document takes a reason: X-Access-Reason must be \(AccessReason.expected).")
        }
        guard let reason = AccessReason(text) else { throw Problem(.badRequest, "X-Access-Reason must be \(AccessReason.expected).") }
        return reason
    }
}
