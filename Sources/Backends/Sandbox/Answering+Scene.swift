import SIP
import Workers

/// What answers a call of the sandbox in place of a fax machine. No worker is needed for it.
extension Answering {
    /// Rings for `time`, and then refuses with a SIP status.
    func ring(_ incoming: IncomingCall, for time: Duration, status: Int, events: LegEvents) async {
        await incoming.ring()
        if await stay(incoming.call, for: time, events: events) { await incoming.reject(status: status) }
    }

    /// A person answers, speaks, and hangs up after `time`.
    /// - Throws: when there is no socket to be had.
    func talk(_ incoming: IncomingCall, for time: Duration, events: LegEvents) async throws {
        await incoming.ring()
        let person = try await Person.pickUp(at: address)
        var policy = MediaPolicy()
        policy.allowsT38 = false
        var generator = SystemRandomNumberGenerator()
        var media = LegMedia(address: address, port: person.port, policy: policy, random: &generator)
        if let answer = media.answer(to: incoming.body), let session = answer.audio,
            let call = try? await incoming.answer(body: answer.body)
        {
            let speaking = Task { await person.speak(to: session) }
            _ = await stay(call, for: time, events: events)
            speaking.cancel()
            await call.hangUp(reason: .q850(16))
        } else {
            await incoming.reject(status: 488)
        }
        await person.hangUp()
    }

    /// - Returns: whether the call is still there after `time`, or when this server stops.
    private func stay(_ call: Call, for time: Duration, events: LegEvents) async -> Bool {
        let forwarder = events.forward(call)
        let limit = events.schedule(.answer, after: time)
        defer {
            forwarder.cancel()
            limit.cancel()
        }
        for await event in events.stream {
            switch event {
            case .timeout, .stop: return true
            case .sip(.ended), .sip(.rejected): return false
            // Nobody here changes to T.38.
            case .sip(.reinvite(_, let responder)): await responder.reject(status: 488)
            case .sip, .worker, .workerGone, .offerAnswered: break
            }
        }
        return false
    }
}
