package import FaxModel
import Logging
package import SIP
import WorkerProtocol
package import Workers

/// The own line: a SIP user agent in this process and, for each call, a worker process with T.38 and T.30.
package struct OwnLine: Backend {
    /// The fixed facts of the line.
    package struct Configuration: Sendable {
        /// T.30 station identification (TSI): up to 20 of `+`, digits and spaces; may be empty.
        package var stationIdentifier: String
        /// Where calls go.
        package var destination: SIPDestination
        /// The domain of the numbers that are called.
        package var domain: String
        /// Our address (From), without tag.
        package var caller: NameAddress
        /// The local address of media.
        package var address: String
        /// What calls may carry.
        package var media: MediaPolicy
        /// Send as fast as the far end takes it: between the ends of the loopback only.
        package var isUnpaced = false
        /// How long the far end may ring.
        package var ringTime: Duration = .seconds(60)
        /// How long after the answer the far end may take to offer T.38, before this side offers it.
        package var t38OfferTime: Duration = .seconds(8)
        /// Seconds for the protocol of each page, see ``deadline(pages:bytes:)``.
        package var secondsPerPage: Int = 90

        package init(
            stationIdentifier: String, destination: SIPDestination, domain: String, caller: NameAddress, address: String,
            media: MediaPolicy
        ) {
            self.stationIdentifier = stationIdentifier
            self.destination = destination
            self.domain = domain
            self.caller = caller
            self.address = address
            self.media = media
        }

        /// The loopback exchange's caller.
        package static func loopback(stationIdentifier: String, destination: SIPDestination, isUnpaced: Bool) -> Configuration {
            let user = stationIdentifier.filter { $0 != " " }
            var configuration = Configuration(
                stationIdentifier: stationIdentifier, destination: destination, domain: destination.host,
                caller: NameAddress(uri: SIPURI(user: user.isEmpty ? "anonymous" : user, host: destination.host)),
                address: destination.host, media: .loopback)
            configuration.isUnpaced = isUnpaced
            return configuration
        }

        /// Seconds that a call may last: the ringing, two minutes, `secondsPerPage` for each page, and what the document's bytes take at 2,400
        /// bit/s, the slowest modulation: a page of a photograph is minutes long.
        func deadline(pages: Int, bytes: Int) -> Int {
            Int(ringTime.components.seconds) + 120 + pages * secondsPerPage + bytes / 300
        }

        /// Whom an INVITE to a number is for.
        func target(of number: PhoneNumber) -> SIPURI {
            SIPURI(user: number.dialString, host: domain, port: domain == destination.host ? destination.port : nil)
        }
    }

    package let name = "line"
    package var associate: String? { nil }
    package func keepsRecord(ofCallTo number: PhoneNumber) -> Bool { true }
    private let agent: UserAgent
    private let worker: CallWorker
    private let configuration: Configuration

    package init(agent: UserAgent, worker: CallWorker, configuration: Configuration) {
        self.agent = agent
        self.worker = worker
        self.configuration = configuration
    }

    package func send(
        _ call: OutboundCall, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult {
        let events = LegEvents()
        // Cancellation must not tear the call down: it becomes an event that ends it in good order.
        let placing = Task { await place(call, events: events, report: report) }
        return await withTaskCancellationHandler {
            await placing.value
        } onCancel: {
            events.stop()
        }
    }

    private func place(
        _ call: OutboundCall, events: LegEvents, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult {
        let pages = call.pages - call.firstPage
        var configuration = configuration
        configuration.media = configuration.media.limited(to: call.mode)
        var setup = CallSetup(
            isCaller: true, isSending: true, stationIdentifier: configuration.stationIdentifier, firstPage: call.firstPage,
            bindAddress: configuration.address, firstPort: configuration.media.firstPort, lastPort: configuration.media.lastPort,
            errorCorrection: configuration.media.errorCorrection, maximumBitRate: configuration.media.maximumBitRate,
            isUnpaced: configuration.isUnpaced,
            deadlineSeconds: configuration.deadline(pages: pages, bytes: call.image.count))
        setup.expectedStation = call.expectedStation
        if call.documents.count > 1 { setup.documents = call.documents }
        do {
            return try await worker.run(setup: setup, pages: call.image, record: call.record) { [configuration] conversation in
                var leg = OutgoingLeg(
                    call: call, agent: agent, configuration: configuration, conversation: conversation, events: events,
                    report: report)
                return await leg.run()
            }
        } catch let failure as WorkerProcess.StartFailure {
            // Nothing left this machine.
            return AttemptResult(.notDialled, evidence: failure.description)
        } catch {
            return AttemptResult(.notDialled, evidence: "the line's worker could not be used: \(error)")
        }
    }
}
