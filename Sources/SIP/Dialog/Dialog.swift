/// Names a dialog from our side (RFC 3261 12).
package struct DialogID: Hashable, Sendable {
    /// Call-ID.
    package let callID: String
    /// Our tag.
    package let localTag: String
    /// The peer's tag; empty for a peer of RFC 2543 that sends none.
    package let remoteTag: String

    /// Builds an id.
    package init(callID: String, localTag: String, remoteTag: String) {
        self.callID = callID
        self.localTag = localTag
        self.remoteTag = remoteTag
    }

    /// The dialog that a request of the peer names; nil when its To has no tag.
    package init?(of request: SIPRequest) {
        guard let callID = request.headers.callID, let tag = request.headers.to?.tag else { return nil }
        self.init(callID: callID, localTag: tag, remoteTag: request.headers.from?.tag ?? "")
    }
}

/// The state two agents share between INVITE and BYE (RFC 3261 12).
package struct Dialog: Sendable {
    /// Its name.
    package let id: DialogID
    /// Whether we sent the INVITE that made it, and so own the Call-ID (14.1).
    package let isCaller: Bool
    /// Our address with our tag: From of our requests.
    package let local: NameAddress
    /// The peer's address with its tag: To of our requests.
    package let remote: NameAddress
    /// Where requests go: Contact of the peer.
    package private(set) var remoteTarget: SIPURI
    /// The proxies on the way, in the order of our requests.
    package let routeSet: [NameAddress]
    /// The number of our last request.
    package private(set) var localSequence: UInt32
    /// The number of the peer's last request; nil until one came.
    package private(set) var remoteSequence: UInt32?

    /// The caller's side, made by a response with a To tag (12.1.2). Nil when From, To or Call-ID cannot be read.
    /// Without Contact, which a 2xx must have, requests go to the Request-URI.
    package init?(caller request: SIPRequest, response: SIPResponse) {
        guard let local = request.headers.from, let tag = local.tag, let remote = response.headers.to,
            let callID = request.headers.callID, let sequence = request.headers.cseq?.number
        else { return nil }
        id = DialogID(callID: callID, localTag: tag, remoteTag: remote.tag ?? "")
        isCaller = true
        self.local = local
        self.remote = remote
        remoteTarget = response.headers.contact?.uri ?? request.uri
        routeSet = Self.routes(response.headers).reversed()
        localSequence = sequence
    }

    /// The callee's side, made by an INVITE (12.1.1). Nil when it has no Contact or a header cannot be read.
    package init?(callee request: SIPRequest, localTag: String) {
        guard var local = request.headers.to, let remote = request.headers.from, let callID = request.headers.callID,
            let contact = request.headers.contact, contact.uri.isSIP, let sequence = request.headers.cseq?.number
        else { return nil }
        local.tag = localTag
        id = DialogID(callID: callID, localTag: localTag, remoteTag: remote.tag ?? "")
        isCaller = false
        self.local = local
        self.remote = remote
        remoteTarget = contact.uri
        routeSet = Self.routes(request.headers)
        localSequence = 0
        remoteSequence = sequence
    }

    private static func routes(_ headers: SIPHeaders) -> [NameAddress] {
        headers.list("Record-Route").compactMap { try? NameAddress(parsing: $0) }
    }

    /// Where the next request goes first: the topmost route or the remote target (12.2.1.1, 8.1.2).
    package var nextHop: SIPURI { routeSet.first?.uri ?? remoteTarget }

    /// A request inside the dialog with the next sequence number, without Via (12.2.1.1).
    package mutating func makeRequest(_ method: SIPMethod) -> SIPRequest {
        localSequence = localSequence < 0x7FFF_FFFF ? localSequence + 1 : 1
        return request(method, sequence: localSequence)
    }

    /// The ACK to a 2xx of our INVITE with that number, without Via (13.2.2.4).
    package func makeACK(sequence: UInt32) -> SIPRequest { request(.ack, sequence: sequence) }

    private func request(_ method: SIPMethod, sequence: UInt32) -> SIPRequest {
        var headers = SIPHeaders()
        headers.add("Max-Forwards", "70")
        headers.add("From", local.text)
        headers.add("To", remote.text)
        headers.add("Call-ID", id.callID)
        headers.add("CSeq", CSeq(number: sequence, method: method).text)
        var uri = remoteTarget
        if let first = routeSet.first, !first.uri.isLooseRouter {
            // A strict router wants itself in the Request-URI and the target as the last route.
            uri = first.uri
            for route in routeSet.dropFirst() { headers.add("Route", route.text) }
            headers.add("Route", NameAddress(uri: remoteTarget).text)
        } else {
            for route in routeSet { headers.add("Route", route.text) }
        }
        return SIPRequest(method: method, uri: uri, headers: headers)
    }

    /// Takes the number of a request of the peer; false when it is out of order and must be answered 500 (12.2.2).
    package mutating func accept(sequence: UInt32) -> Bool {
        if let remoteSequence, sequence <= remoteSequence { return false }
        remoteSequence = sequence
        return true
    }

    /// A successful INVITE in the dialog moves the remote target (12.2.1.2, 12.2.2).
    package mutating func refreshTarget(from headers: SIPHeaders) {
        if let contact = headers.contact, contact.uri.isSIP { remoteTarget = contact.uri }
    }
}
