/// A request (RFC 3261 7.1).
package struct SIPRequest: Sendable, Equatable {
    /// The method of the start line.
    package var method: SIPMethod
    /// The Request-URI.
    package var uri: SIPURI
    /// The header fields, without Content-Length: the serialiser writes it from the body.
    package var headers: SIPHeaders
    /// The body, empty when there is none.
    package var body: [UInt8]

    /// Builds a request.
    package init(method: SIPMethod, uri: SIPURI, headers: SIPHeaders = SIPHeaders(), body: [UInt8] = []) {
        self.method = method
        self.uri = uri
        self.headers = headers
        self.body = body
    }

    /// A response to this request with the headers that must be copied (RFC 3261 8.2.6).
    /// - Parameters:
    ///   - status: 100...699.
    ///   - reason: the phrase, or nil for the usual one.
    ///   - toTag: our tag, added to To when it has none; never on a 100.
    package func response(_ status: Int, reason: String? = nil, toTag: String? = nil) -> SIPResponse {
        var copied = SIPHeaders()
        for via in headers.values("Via") { copied.add("Via", via) }
        if (101...299).contains(status) {
            for route in headers.values("Record-Route") { copied.add("Record-Route", route) }
        }
        copied.add("From", headers["From"] ?? "")
        var to = headers["To"] ?? ""
        if status > 100, let toTag, var address = try? NameAddress(parsing: to), address.tag == nil {
            address.tag = toTag
            to = address.text
        }
        copied.add("To", to)
        copied.add("Call-ID", headers["Call-ID"] ?? "")
        copied.add("CSeq", headers["CSeq"] ?? "")
        let phrase = reason ?? SIPStatus.phrase(status)
        return SIPResponse(status: status, reason: phrase, headers: copied)
    }
}

/// A response (RFC 3261 7.2).
package struct SIPResponse: Sendable, Equatable {
    /// 100...699.
    package var status: Int
    /// The reason phrase, free text of the peer.
    package var reason: String
    /// The header fields, without Content-Length.
    package var headers: SIPHeaders
    /// The body, empty when there is none.
    package var body: [UInt8]

    /// Builds a response.
    package init(status: Int, reason: String, headers: SIPHeaders = SIPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
    }

    /// 1xx.
    package var isProvisional: Bool { status < 200 }
    /// 2xx.
    package var isSuccess: Bool { (200...299).contains(status) }
}

/// A request or a response.
package enum SIPMessage: Sendable, Equatable {
    /// A request.
    case request(SIPRequest)
    /// A response.
    case response(SIPResponse)

    /// The header fields of either.
    package var headers: SIPHeaders {
        switch self {
        case .request(let request): request.headers
        case .response(let response): response.headers
        }
    }
}

extension SIPHeaders {
    /// The topmost Via entry; nil when it is missing or malformed.
    package var topVia: Via? { list("Via").first.flatMap { try? Via(parsing: $0) } }
    /// From; nil when it is missing or malformed.
    package var from: NameAddress? { self["From"].flatMap { try? NameAddress(parsing: $0) } }
    /// To; nil when it is missing or malformed.
    package var to: NameAddress? { self["To"].flatMap { try? NameAddress(parsing: $0) } }
    /// The first Contact entry; nil when it is missing, malformed or `*`.
    package var contact: NameAddress? { list("Contact").first.flatMap { try? NameAddress(parsing: $0) } }
    /// Call-ID; nil when it is missing or empty.
    package var callID: String? { self["Call-ID"].flatMap { $0.isEmpty ? nil : $0 } }
    /// CSeq; nil when it is missing or malformed.
    package var cseq: CSeq? { self["CSeq"].flatMap { try? CSeq(parsing: $0) } }
}
