package import HTTPTypes
package import Hummingbird
import NIOCore

/// An error as the client sees it: a status and `{"detail": "<sentence>"}`, without anything of a fax in it.
package struct Problem: Error, HTTPResponseError, Equatable {
    package let status: HTTPResponse.Status
    /// One sentence for a person: what happened and what to do.
    package let detail: String
    /// Seconds for `Retry-After`, where trying again may help.
    package let retryAfter: Int?
    /// What programs read beside the sentence, by name.
    package let members: [String: String]
    /// Whether the connection is closed after the answer: what is left of the request is not worth reading.
    package let closesConnection: Bool

    package init(
        _ status: HTTPResponse.Status, _ detail: String, retryAfter: Int? = nil, members: [String: String] = [:],
        closesConnection: Bool = false
    ) {
        self.members = members
        self.status = status
        self.detail = detail
        self.retryAfter = retryAfter
        self.closesConnection = closesConnection
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try JSONBody(members.merging(["detail": detail]) { $1 }).response(status)
        // RFC 9110 15.5.2: how to say who one is.
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        if closesConnection { response.headers[.connection] = "close" }
        return response
    }

    static let noSuchFax = Problem(.notFound, "Job not found")
    static let noSuchInboundFax = Problem(.notFound, "Inbound fax not found")
    static let ledgerUnavailable = Problem(
        .serviceUnavailable, "The audit ledger cannot be written, so nothing was done. Try again later.", retryAfter: 60,
        closesConnection: true)
    static let noSuchKey = Problem(.notFound, "Key not found")
    static let keyIsChanging = Problem(.conflict, "Another request changed the key at the same time.")
}
