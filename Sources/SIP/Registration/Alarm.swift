/// A wait on a SIP clock that can be ended early, for one waiter.
actor Alarm {
    private let clock: any SIPClock
    private var serial: UInt64 = 0
    private var handle: SIPTimerHandle?
    private var waiter: CheckedContinuation<Void, Never>?
    private var isSilenced = false

    init(clock: any SIPClock) {
        self.clock = clock
    }

    /// Sets the alarm; it runs from now on, whether anyone waits yet or not.
    func set(after delay: Duration) {
        handle?.cancel()
        serial += 1
        guard !isSilenced else { return }
        let serial = serial
        handle = clock.schedule(after: delay) { [weak self] in await self?.ring(serial) }
    }

    /// Returns when the alarm set last has rung.
    func wait() async {
        guard handle != nil, !isSilenced else { return }
        await withCheckedContinuation { waiter = $0 }
    }

    /// Ends the wait and all later ones.
    func silence() {
        isSilenced = true
        handle?.cancel()
        ring(serial)
    }

    private func ring(_ rung: UInt64) {
        guard rung == serial else { return }
        handle = nil
        waiter?.resume()
        waiter = nil
    }
}
