import FaxModel
import NIOPosix
import WorkerProtocol

/// One call that Asterisk makes for this server, from its Originate to the result.
struct AsteriskLeg {
    /// What the leg waits for.
    enum Event: Sendable {
        case news(ManagerClient.News)
        /// The channels that Asterisk has, asked for after the connection had been lost; nil when that failed.
        case channels(Set<String>?)
        case timeout(Deadline)
        /// The server stops.
        case stop
    }

    enum Deadline: Sendable {
        /// The call has lasted too long.
        case call
        /// The last word has not come in time.
        case settled
    }

    let call: OutboundCall
    let manager: ManagerClient
    let spool: CallSpool
    let configuration: AsteriskLine.Configuration
    let events: AsyncStream<Event>
    let continuation: AsyncStream<Event>.Continuation
    let pause: @Sendable (Duration) async throws -> Void
    let report: @Sendable (CallProgress) async throws -> Void

    private var state: DialledCall
    private var isStopping = false
    private var isHangingUp = false
    private var isSettling = false
    private var timers: [Task<Void, any Error>] = []

    init(
        call: OutboundCall, manager: ManagerClient, spool: CallSpool, configuration: AsteriskLine.Configuration,
        events: AsyncStream<Event>, continuation: AsyncStream<Event>.Continuation,
        pause: @escaping @Sendable (Duration) async throws -> Void, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) {
        self.call = call
        self.manager = manager
        self.spool = spool
        self.configuration = configuration
        self.events = events
        self.continuation = continuation
        self.pause = pause
        self.report = report
        state = DialledCall(id: call.reference, pages: call.pages - call.firstPage)
    }

    /// Makes the call and stays until it is over. Originate is sent once, whatever happens.
    mutating func run(_ originate: ManagerAction) async -> AttemptResult {
        let news = await manager.follow(call.reference)
        let forwarder = Task { [continuation] in
            for await item in news { continuation.yield(.news(item)) }
        }
        var result: AttemptResult?
        do {
            let response = try await manager.perform(originate, id: call.reference)
            if !response.isSuccess {
                result = AttemptResult(
                    .notDialled, evidence: "Asterisk refuses the call: originate is missing in manager.conf, or ASTERISK_DIAL is no channel"
                )
            }
        } catch ManagerFailure.notConnected {
            result = AttemptResult(.notDialled, evidence: "\(ManagerFailure.notConnected)")
        } catch {
            // It may have been carried out: what the connection's news, or the record, say is what counts.
        }
        if result == nil { result = await follow() }
        await manager.unfollow(call.reference)
        forwarder.cancel()
        for timer in timers { timer.cancel() }
        return result ?? AttemptResult(.unknown, evidence: "the call was abandoned")
    }

    private mutating func follow() async -> AttemptResult? {
        let pages = call.pages - call.firstPage
        schedule(.call, after: configuration.ringTime + .seconds(pages * configuration.secondsPerPage + 120))
        do {
            for await event in events {
                if try await handle(event) { break }
                if state.isAlmostOver { settle(within: .seconds(5)) }
            }
        } catch {
            // The database did not take a report: go no further with a call that cannot be recorded.
            await hangUp()
            return AttemptResult(.unknown, evidence: "the call's progress could not be recorded")
        }
        return await end()
    }

    /// - Returns: whether the call is over.
    private mutating func handle(_ event: Event) async throws -> Bool {
        switch event {
        case .news(.message(let message)):
            for fact in state.take(message) {
                switch fact {
                case .ringing: try await report(.ringing)
                case .answered: try await report(.answered)
                }
            }
        case .news(.lost):
            // The call goes on without the connection. Its end will be in the dialplan's record.
            state.isLost()
        case .news(.back):
            if isHangingUp { await hangUp() }
            askForChannels()
        case .channels(let channels):
            if let channels, !channels.contains(call.reference) { state.isGone() }
        case .timeout(.call):
            await hangUp()
            settle(within: configuration.settleTime)
        case .timeout(.settled):
            return true
        case .stop:
            isStopping = true
            await hangUp()
            settle(within: configuration.settleTime)
        }
        return state.isOver
    }

    /// Asterisk knows a channel by its id as well as by its name.
    private mutating func hangUp() async {
        isHangingUp = true
        var action = ManagerAction("Hangup")
        guard (try? action.add("Channel", call.reference)) != nil else { return }
        _ = try? await manager.perform(action)
    }

    private func askForChannels() {
        Task { [manager, continuation] in continuation.yield(.channels(try? await manager.channels())) }
    }

    private mutating func settle(within time: Duration) {
        guard !isSettling else { return }
        isSettling = true
        schedule(.settled, after: time)
    }

    private mutating func schedule(_ deadline: Deadline, after time: Duration) {
        timers.append(
            Task { [pause, continuation] in
                try await pause(time)
                continuation.yield(.timeout(deadline))
            })
    }

    /// Judges the call, and reports the pages that the far end has: Asterisk says so only at the end.
    private mutating func end() async -> AttemptResult {
        if state.result == nil, let record = await record() { state.record(record) }
        let errorCorrection = configuration.errorCorrection && call.mode.errorCorrection
        let outcome = state.outcome(isStopping: isStopping, expectedStation: call.expectedStation)
        guard let result = state.result, let confirmed = result.pages, confirmed > 0 else { return outcome }
        do {
            try await report(
                .negotiated(
                    Negotiation(
                        remoteIdentifier: result.remoteIdentifier, bitRate: result.bitRate, errorCorrection: errorCorrection)))
            // More pages than the file has are no news of this file: that outcome is unknown.
            for index in 0..<min(confirmed, state.pages) {
                let page = call.firstPage + index
                try await report(
                    .pageConfirmed(
                        PageReport(
                            page: page, bitRate: result.bitRate, errorCorrection: errorCorrection, badRows: 0, retries: 0,
                            isLast: page + 1 == call.pages && result.status == "SUCCESS")))
            }
        } catch {
            return AttemptResult(.unknown, evidence: "the pages could not be recorded; \(outcome.evidence)")
        }
        return outcome
    }

    private func record() async -> DialledCall.FaxResult? {
        try? await NIOThreadPool.singleton.runIfActive { [spool, reference = call.reference] in try spool.result(of: reference) }
    }
}
