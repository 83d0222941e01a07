import SIP
import Workers

/// What happens to one side of a call, from all who have a say, in one order.
final class LegEvents: Sendable {
    enum Event: Sendable {
        case sip(SIP.CallEvent)
        case worker(CallWorker.Message)
        /// The worker's conversation ended; if that was not after its `ended`, it died.
        case workerGone
        /// The time that ``schedule(_:after:)`` set ran out.
        case timeout(Deadline)
        /// What the far end said to ``offer(_:on:)``.
        case offerAnswered(Result<[UInt8], ReinviteFailure>)
        /// The server stops: end the call properly.
        case stop
    }

    /// What is waited for.
    enum Deadline: Sendable {
        /// The worker's first word.
        case workerReady
        /// The far end's answer.
        case answer
        /// The far end's offer of T.38, after which it is our turn.
        case t38Offer
        /// The wait after a glare (RFC 3261 14.1).
        case glare
        /// Any agreement on what carries the fax.
        case mediaAgreed
        /// The far end's answer to our offer of T.38.
        case offerAnswer
        /// The worker's last word after it was told to hang up.
        case workerEnd
    }

    let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func stop() {
        continuation.yield(.stop)
    }

    /// Forwards the worker's messages until they end.
    func forward(_ conversation: CallWorker.Conversation) -> Task<Void, Never> {
        Task {
            // A broken conversation and an ended one mean the same: no more will come.
            do {
                for try await message in conversation.messages { continuation.yield(.worker(message)) }
            } catch {}
            continuation.yield(.workerGone)
        }
    }

    /// Forwards the call's SIP events until they end.
    func forward(_ call: Call) -> Task<Void, Never> {
        Task {
            for await event in call.events { continuation.yield(.sip(event)) }
        }
    }

    /// Offers a changed session; the answer comes as ``Event/offerAnswered(_:)``.
    func offer(_ body: [UInt8], on call: Call) {
        Task {
            do throws(ReinviteFailure) {
                continuation.yield(.offerAnswered(.success(try await call.reinvite(body: body))))
            } catch {
                continuation.yield(.offerAnswered(.failure(error)))
            }
        }
    }

    /// Brings ``Event/timeout(_:)`` after `time`, unless the task is cancelled.
    func schedule(_ deadline: Deadline, after time: Duration) -> Task<Void, any Error> {
        Task {
            try await Task.sleep(for: time)
            continuation.yield(.timeout(deadline))
        }
    }
}
