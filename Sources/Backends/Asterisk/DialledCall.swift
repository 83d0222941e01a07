import FaxModel

/// What is known of one call that Asterisk makes, from its events and from the record that the dialplan leaves. No I/O.
struct DialledCall {
    /// How SendFAX ended, in the dialplan's words.
    struct FaxResult: Equatable {
        /// `FAXSTATUS`: `SUCCESS` or `FAILED`; empty when SendFAX never began.
        var status: String
        /// `FAXPAGES`: pages that the far end confirmed; nil when that is not known.
        var pages: Int?
        /// `FAXBITRATE`, bit/s.
        var bitRate: Int
        /// `FAXERROR` and the text of T.30's end.
        var error: String
        var text: String
        /// `T38` or `audio`.
        var mode: String
        /// The far end's station identification: digits, `+` and blanks; possibly empty.
        var remoteIdentifier: String
    }

    enum Fact: Equatable {
        case ringing, answered
    }

    /// The channel's `Uniqueid`, chosen by this side.
    let id: String
    /// Pages in the file.
    let pages: Int

    private(set) var isAnswered = false
    private(set) var isChannelGone = false
    private(set) var result: FaxResult?
    private var isRinging = false
    /// Whether Asterisk ever had a channel for this call.
    private(set) var hadChannel = false
    /// ITU-T Q.850 cause of the hang-up.
    private var cause: Int?
    /// `Reason` of a failed Originate.
    private var failureReason: Int?
    private var isOriginateOver = false
    /// Whether events may have been missed.
    private var hasGap = false

    init(id: String, pages: Int) {
        self.id = id
        self.pages = pages
    }

    /// Whether nothing more can come that says how the call went.
    var isOver: Bool { isChannelGone && (isOriginateOver || result != nil) || failureReason != nil && !hadChannel }

    /// Whether only the channel's end, or the word on the Originate, is still to come: within moments.
    var isAlmostOver: Bool { !isOver && (isChannelGone || failureReason != nil) }

    /// Takes an event of this call.
    mutating func take(_ message: ManagerMessage) -> [Fact] {
        switch message.event {
        case "Newchannel" where isOurs(message):
            hadChannel = true
        case "Newstate" where isOurs(message):
            // AST_STATE_RINGING and AST_STATE_UP.
            if message["ChannelState"] == "5", !isRinging, !isAnswered {
                isRinging = true
                return [.ringing]
            }
            if message["ChannelState"] == "6" { return answered() }
        case "OriginateResponse" where message.actionID == id:
            isOriginateOver = true
            if message["Response"] == "Success" { return answered() }
            failureReason = message["Reason"].flatMap { Int($0) } ?? 0
        case "Hangup" where isOurs(message):
            isChannelGone = true
            cause = message["Cause"].flatMap { Int($0) }
        case "UserEvent" where message["UserEvent"] == "FaxlockResult" && message["Call"] == id:
            record(FaxResult(message))
        default: break
        }
        return []
    }

    /// Takes the record of the dialplan, if its event was missed.
    mutating func record(_ result: FaxResult) {
        if self.result == nil { self.result = result }
    }

    /// The connection broke: what did not come is no fact any more.
    mutating func isLost() {
        hasGap = true
    }

    /// Asterisk was asked, and has no such channel.
    mutating func isGone() {
        isChannelGone = true
        isOriginateOver = true
    }

    private mutating func answered() -> [Fact] {
        guard !isAnswered else { return [] }
        isAnswered = true
        hadChannel = true
        return [.answered]
    }

    private func isOurs(_ message: ManagerMessage) -> Bool { message["Uniqueid"] == id }

    /// What came of the call. FAXERROR is HANGUP on some successes: status and pages decide.
    /// - Parameters:
    ///   - isStopping: this side ended the call on purpose.
    ///   - expectedStation: what the far machine should call itself. Asterisk says only afterwards what it did, so this changes no outcome.
    func outcome(isStopping: Bool, expectedStation: String? = nil) -> AttemptResult {
        if let result {
            let outcome = outcome(result, isStopping)
            guard let expectedStation, !StationIdentifier.matches(result.remoteIdentifier, expected: expectedStation) else {
                return outcome
            }
            let remark = result.remoteIdentifier.isEmpty ? "did not say who it is" : "is not the one that was expected"
            return AttemptResult(outcome.outcome, evidence: outcome.evidence + "; the machine that answered \(remark)")
        }
        let evidence = "Asterisk: reason \(failureReason.map { "\($0)" } ?? "none"), Q.850 cause \(cause.map { "\($0)" } ?? "none")"
        if !hasGap, failureReason != nil || (isChannelGone && cause != nil && !isAnswered) {
            if isStopping { return AttemptResult(.interrupted, evidence: "the server stopped while dialling") }
            return AttemptResult(.failed(FailureCause(reason: failureReason, q850: cause)), evidence: evidence)
        }
        return AttemptResult(
            .unknown,
            evidence: hadChannel ? "Asterisk did not say how the fax ended" : "whether Asterisk placed the call is not known")
    }

    private func outcome(_ result: FaxResult, _ isStopping: Bool) -> AttemptResult {
        let error = Self.plain(result.error)
        let evidence =
            "SendFAX \(result.status.isEmpty ? "did not begin" : Self.plain(result.status)), "
            + "\(result.pages.map { "\($0)" } ?? "an unknown number") of \(pages) pages, "
            + "\(result.mode == "T38" ? "T.38" : "audio"), \(error.isEmpty ? "NONE" : error): \(Self.plain(result.text))"
        // A count that is missing, a success of too few or too many pages, all pages over and a bad end: a second call could make a second
        // copy.
        guard let confirmed = result.pages else { return AttemptResult(.unknown, evidence: evidence) }
        if result.status == "SUCCESS" { return AttemptResult(confirmed == pages ? .delivered : .unknown, evidence: evidence) }
        if confirmed >= pages { return AttemptResult(.unknown, evidence: evidence) }
        if isStopping { return AttemptResult(.interrupted, evidence: evidence) }
        return AttemptResult(.failed(FailureCause(result)), evidence: evidence)
    }

    /// Letters, digits and a little more, shortly: the texts are Asterisk's own, and nothing else may come into evidence by them.
    private static func plain(_ text: String) -> String {
        String(text.prefix(80).filter { $0.isASCII && ($0.isLetter || $0.isNumber || " _.-/'".contains($0)) })
    }
}

extension DialledCall.FaxResult {
    /// The fields of the dialplan's event or record; what is missing is empty.
    init(_ fields: ManagerMessage) {
        func number(_ name: String) -> Int? { fields[name].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 } }
        // SendFAX sets both as it begins.
        let didNotBegin = fields["Status"] == "" && fields["Pages"] == ""
        self.init(
            status: fields["Status"] ?? "", pages: didNotBegin ? 0 : number("Pages"), bitRate: number("Rate") ?? 0,
            error: fields["Error"] ?? "",
            text: fields["Text"] ?? "", mode: fields["Mode"] ?? "",
            remoteIdentifier: String((fields["Remote"] ?? "").filter { $0.isASCII && ($0.isNumber || $0 == "+" || $0 == " ") }.prefix(20)))
    }
}
