import Logging

/// Session timers (RFC 4028). None is asked for by us; when the peer or a proxy on the way wants one, it is honoured.
extension UserAgent {
    // MARK: Agreeing

    /// An interval below ours from a caller that can do better is refused (RFC 4028 9); true when it was.
    func refuseShortTimer(_ arrival: Arrival) -> Bool {
        let headers = arrival.request.headers
        let least = configuration.minimumSessionInterval
        guard let asked = SessionExpires(headers), asked.seconds < least, headers.list("Supported").contains("timer") else {
            return false
        }
        refuse(arrival, 422, [SIPHeaders.Field("Min-SE", String(least))])
        return true
    }

    /// Writes into a 2xx of ours what its request gets, and starts the timer anew; without a wish there is none any more.
    func agreeTimer(_ key: CallKey, to request: SIPRequest, in response: inout SIPResponse) {
        let timer = SessionTimer(answering: request.headers)
        if let timer {
            let agreed = SessionExpires(seconds: timer.seconds, refresher: timer.isRefresher ? .uas : .uac)
            response.headers.add("Session-Expires", agreed.text)
            if !timer.isRefresher { response.headers.add("Require", "timer") }
        }
        start(timer, key)
    }

    /// Takes what a 2xx to a request of ours says.
    func takeTimer(_ key: CallKey, from response: SIPResponse) {
        start(SessionTimer(answeredBy: response.headers), key)
    }

    /// The fields that keep a running timer as it is in a request of ours (RFC 4028 7.4).
    func addTimer(_ key: CallKey, to request: inout SIPRequest) {
        guard let call = calls[key], let timer = call.sessionTimer else { return }
        request.headers.add("Session-Expires", timer.offered.text)
        if let least = call.minimumInterval { request.headers.add("Min-SE", String(least)) }
    }

    private func start(_ timer: SessionTimer?, _ key: CallKey) {
        calls[key]?.sessionTimer = timer
        cancel(.refresh(key))
        cancel(.expiry(key))
        guard calls[key] != nil, let timer else { return }
        set(.expiry(key), after: timer.expiryDelay)
        if timer.isRefresher { set(.refresh(key), after: timer.refreshDelay) }
    }

    // MARK: Refreshing

    /// It is time for a refresh of ours: an UPDATE without offer, which touches nothing, when the peer knows it, else a
    /// re-INVITE with our description as it is.
    func refresh(_ key: CallKey) {
        guard let call = calls[key], let timer = call.sessionTimer, timer.isRefresher, call.phase == .established,
            !call.isHangUpPending
        else { return }
        if call.peerAllowsUpdate {
            guard call.ownUpdate == nil else { return retryRefresh(key) }
            sendUpdate(key, body: [], waiter: nil)
        } else {
            guard obstacle(toOffering: call) == nil, !call.session.local.isEmpty else { return retryRefresh(key) }
            sendReinvite(key, body: call.session.local, waiter: nil)
        }
    }

    /// A refresh could not be sent or was refused: again soon, until the session expires.
    private func retryRefresh(_ key: CallKey, after seconds: Int? = nil) {
        set(.refresh(key), after: seconds.map { .seconds(max(1, $0)) } ?? max(.seconds(1), glareDelay(key)))
    }

    /// Our refresh was refused with a status that does not end the call.
    func refreshFailed(_ key: CallKey, _ response: SIPResponse) {
        guard let call = calls[key], let timer = call.sessionTimer, timer.isRefresher else { return }
        switch response.status {
        case 422:
            // RFC 4028 7.3: the peer or a proxy wants at least Min-SE.
            var scanner = ByteScanner(response.headers["Min-SE"] ?? "")
            guard let least = scanner.number(), least > timer.seconds, least <= 86_400 else { return }
            calls[key]?.minimumInterval = least
            calls[key]?.sessionTimer = SessionTimer(seconds: least, isRefresher: true)
            refresh(key)
        case 405, 501:
            guard call.peerAllowsUpdate else { return }
            calls[key]?.peerAllowsUpdate = false
            refresh(key)
        case 491:
            retryRefresh(key)
        default:
            retryRefresh(key, after: response.headers.retryAfter ?? 10)
        }
    }

    /// Nobody refreshed the session (RFC 4028 10).
    func expire(_ key: CallKey) {
        guard let call = calls[key], call.phase == .established else { return }
        logger.info("SIP session expired", metadata: ["call-id": "\(call.callID)"])
        calls[key]?.hangUpReason = call.hangUpReason ?? SIPReason(namespace: "SIP", cause: 408, text: "Session timer expired")
        sendBye(key, reporting: .lost)
    }
}
