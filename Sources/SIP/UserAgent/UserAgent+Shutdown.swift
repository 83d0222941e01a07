import Logging

extension UserAgent {
    /// Closes the agent. Calls in progress are hung up as by ``Call/hangUp(reason:)``, so that no peer goes on talking to
    /// nobody, and end with ``CallEnd/shutDown``. It waits for the answers to BYE and CANCEL and for the ACK of a refusal, but
    /// no longer than `grace`; zero sends them and waits for nothing.
    package func shutdown(grace: Duration = .seconds(2)) async {
        guard !isShutDown else { return }
        isShutDown = true
        incoming.finish()
        hangUpAll()
        if grace > .zero, isDraining {
            await withCheckedContinuation { continuation in
                drain = continuation
                set(.shutdown, after: grace)
            }
        }
        for key in Array(calls.keys) { end(key, with: .ended(.shutDown)) }
        abandonRequests()
        for timer in Array(timers.keys) { cancel(timer) }
        transactions.removeAll()
        for transport in transports.values { await transport.close() }
        await locator.close()
        receiver?.cancel()
        logger.info("SIP agent closed")
    }

    private func hangUpAll() {
        for (key, call) in calls {
            // Who was hung up before hears that.
            if !call.isCancelRequested, !call.isHangUpPending { calls[key]?.isShutDown = true }
            hangUp(key)
        }
    }

    /// Whether a peer has yet to learn that a call is over, or a request of ours waits for its answer.
    private var isDraining: Bool {
        !calls.isEmpty
            || transactions.values.contains { record in
                switch record.machine {
                case .client(let machine): machine.state == .trying || machine.state == .proceeding
                case .serverInvite(let machine): record.call != nil && machine.state == .completed
                case .clientInvite, .server: false
                }
            }
    }

    /// Lets ``shutdown(grace:)`` go on when nothing is left to wait for.
    func finishDrainIfIdle(isOverdue: Bool = false) {
        guard let drain, isOverdue || !isDraining else { return }
        self.drain = nil
        cancel(.shutdown)
        drain.resume()
    }
}
