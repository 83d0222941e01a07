import FaxModel
import Logging
import NIOPosix
import Synchronization

/// An Asterisk as the line: it dials by Originate and sends by SendFAX, and the dialplan that is shipped with Faxlock says how that ended.
package struct AsteriskLine: Backend {
    /// The fixed facts of the line.
    package struct Configuration: Sendable {
        /// Part of a dial string that becomes the number.
        package static let placeholder = "{number}"

        /// The channel to a number, with ``placeholder`` where the number goes.
        package var dial: String
        /// T.30 station identification and caller's number: up to 20 of `+`, digits and spaces; may be empty.
        package var stationIdentifier: String
        /// Error correction (T.30 annex A) where the far end has it.
        package var errorCorrection = true
        /// Fax over G.711 audio where the far end refuses T.38.
        package var audioFallback = true
        /// How long the far end may ring.
        package var ringTime: Duration = .seconds(60)
        /// Seconds that a call may last: a call of `n` pages gets `n` times `secondsPerPage` and two minutes more.
        package var secondsPerPage = 90
        /// How long a call waits for the connection to Asterisk before it is put back into the queue.
        package var connectionWait: Duration = .seconds(10)
        /// From a hang-up to the last word on the call.
        package var settleTime: Duration = .seconds(15)

        package init(dial: String, stationIdentifier: String) {
            self.dial = dial
            self.stationIdentifier = stationIdentifier
        }
    }

    package let name = "sip"
    package var associate: String? { nil }
    private let manager: ManagerClient
    private let spool: CallSpool
    private let configuration: Configuration
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameter pause: waits; tests have their own clock.
    package init(
        manager: ManagerClient, spool: CallSpool, configuration: Configuration,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.manager = manager
        self.spool = spool
        self.configuration = configuration
        self.pause = pause
    }

    package func send(
        _ call: OutboundCall, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult {
        let (events, continuation) = AsyncStream.makeStream(of: AsteriskLeg.Event.self)
        // Cancellation must not tear the call down: it becomes an event that ends it in good order.
        let stop = Stop()
        let placing = Task { await place(call, stop, events: events, continuation, report: report) }
        return await withTaskCancellationHandler {
            await placing.value
        } onCancel: {
            stop.set()
            continuation.yield(.stop)
        }
    }

    /// Whether the server was told to stop: what has not been dialled then is not.
    private final class Stop: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set() { state.withLock { $0 = true } }
    }

    private func place(
        _ call: OutboundCall, _ stop: Stop, events: AsyncStream<AsteriskLeg.Event>,
        _ continuation: AsyncStream<AsteriskLeg.Event>.Continuation,
        report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult {
        guard await manager.isUp(within: configuration.connectionWait) else {
            return AttemptResult(.notDialled, evidence: "\(await manager.failure ?? .notConnected)")
        }
        let originate: ManagerAction
        do {
            let file = try await NIOThreadPool.singleton.runIfActive { [spool] in try spool.put(call) }
            originate = try action(call, file: file)
        } catch {
            await clear(call.reference)
            return AttemptResult(.notDialled, evidence: "the pages cannot be handed to Asterisk: \(error)")
        }
        guard !stop.isSet else {
            await clear(call.reference)
            return AttemptResult(.notDialled, evidence: "the server stopped before dialling")
        }
        var leg = AsteriskLeg(
            call: call, manager: manager, spool: spool, configuration: configuration, events: events, continuation: continuation,
            pause: pause, report: report)
        let result = await leg.run(originate)
        await clear(call.reference)
        return result
    }

    private func clear(_ reference: String) async {
        // What is left nevertheless is swept at the next start.
        try? await NIOThreadPool.singleton.runIfActive { [spool] in try spool.remove(reference) }
    }

    private func action(_ call: OutboundCall, file: String) throws -> ManagerAction {
        var action = ManagerAction("Originate")
        try action.add(
            "Channel", configuration.dial.replacing(Configuration.placeholder, with: call.number.dialString))
        try action.add("ChannelId", call.reference)
        try action.add("Context", "faxlock-send")
        try action.add("Exten", "s")
        try action.add("Priority", "1")
        try action.add("Async", "true")
        try action.add("Timeout", "\(configuration.ringTime.components.seconds * 1000)")
        let caller = configuration.stationIdentifier.filter { $0 != " " }
        if !caller.isEmpty { try action.add("CallerID", caller) }
        try action.add(variable: "FAXLOCK_CALL", call.reference)
        try action.add(variable: "FAXLOCK_FILE", file)
        try action.add(variable: "FAXLOCK_ECM", configuration.errorCorrection && call.mode.errorCorrection ? "yes" : "no")
        try action.add(variable: "FAXLOCK_RATE", "\(call.mode.maximumBitRate)")
        try action.add(variable: "FAXLOCK_STATION", configuration.stationIdentifier)
        // z: ask for T.38 where the far end does not; f: audio where it refuses; F: audio alone.
        let mayFallBack = configuration.audioFallback
        try action.add(variable: "FAXLOCK_OPTIONS", !mayFallBack ? "z" : call.mode.media == .audio ? "F" : "zf")
        return action
    }
}
