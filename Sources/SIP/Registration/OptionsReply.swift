/// What the peer says of itself in the answer to OPTIONS (RFC 3261 11.2). Any final answer shows that it is there.
package struct OptionsReply: Sendable, Equatable {
    /// 200...699.
    package let status: Int
    /// The methods that it takes; empty when it does not say.
    package let allow: [String]
    /// The kinds of body that it takes, such as `application/sdp`.
    package let accept: [String]
    /// The extensions that it knows, such as `timer`.
    package let supported: [String]
    /// What it calls itself: Server or User-Agent. Free text of the peer.
    package let server: String?

    /// Reads an answer.
    package init(_ response: SIPResponse) {
        status = response.status
        allow = response.headers.list("Allow")
        accept = response.headers.list("Accept")
        supported = response.headers.list("Supported")
        server = response.headers["Server"] ?? response.headers["User-Agent"]
    }
}

extension UserAgent {
    /// Asks a peer what it can do.
    /// - Parameters:
    ///   - uri: whom to ask: usually the trunk's domain without user part.
    ///   - from: our address without tag.
    /// - Throws: ``RequestFailure``.
    package func options(
        _ uri: SIPURI, destination: SIPDestination, from: NameAddress, credentials: SIPCredentials? = nil
    ) async throws(RequestFailure) -> OptionsReply {
        let accept = SIPHeaders.Field("Accept", "application/sdp")
        return OptionsReply(
            try await request(
                .options, uri: uri, destination: destination, from: from, headers: [accept], credentials: credentials))
    }
}
