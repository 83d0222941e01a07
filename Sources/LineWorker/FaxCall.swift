import Glibc
import T30
import Telefax
import WorkerProtocol

/// One call from `start` to `ended`: a single thread that polls the conversation and the media socket and keeps T.30's
/// time.
struct FaxCall: ~Copyable {
    private let setup: CallSetup
    private var conversation: Conversation
    private var socket: MediaSocket
    private let deadline: MonotonicTime
    private var line: Line?
    private var buffer = [UInt8](repeating: 0, count: MediaSocket.maximumDatagram)

    /// The T.38 side of the call, once that is agreed.
    private struct Line {
        let terminal: T38FaxTerminal
        let received: ReceivedDocument?
        var sender: UDPTLSender
        var receiver = UDPTLReceiver()
        var queue = DatagramQueue()
        /// How far T.30's clock has come.
        var clock: MonotonicTime
        /// The last time the queue got an allowance.
        var replenished: MonotonicTime
    }

    /// T.30's clock advances in steps of this many milliseconds: T.38 packets are 30 ms apart, and an unpaced call
    /// takes one step of its protocol at each.
    private var tick: Int64 { setup.isUnpaced ? 1 : 20 }
    /// A process that was stopped for longer than this does not make up for it: timers would run out before the far
    /// end's answers, which wait in the socket, were looked at.
    private static let longestCatchUp: Int64 = 500

    init(setup: CallSetup, conversation: Conversation, socket: consuming MediaSocket) {
        self.setup = setup
        self.conversation = conversation
        deadline = MonotonicTime.now.adding(milliseconds: Int64(max(1, min(setup.deadlineSeconds, 1_000_000))) * 1000)
        self.socket = socket
    }

    /// Runs to the end of the call. Throws when the gateway is gone; then there is nobody to report to.
    mutating func run() throws(Conversation.Failure) {
        try conversation.send(.ready(port: socket.port))
        while true {
            // First what is here already: the gateway may have sent several commands at once.
            while let command = try conversation.next() {
                if try obey(command) { return }
            }
            try conversation.flush()
            if try step() { return }
            if MonotonicTime.now > deadline {
                return try finish(code: T30Result.deadline, pages: confirmedPages)
            }
            if wait() { try conversation.read() }
        }
    }

    /// Sleeps until something came, or the next tick is due; returns whether it came from the gateway.
    private func wait() -> Bool {
        let now = MonotonicTime.now
        var timeout = deadline.milliseconds(since: now) + 1
        if let line { timeout = min(timeout, max(0, tick - now.milliseconds(since: line.clock))) }
        var descriptors = [
            pollfd(
                fd: conversation.descriptor, events: Int16(POLLIN) | (conversation.hasUnsent ? Int16(POLLOUT) : 0),
                revents: 0),
            pollfd(fd: line == nil ? -1 : socket.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: timeout))
        return descriptors[0].revents & ~Int16(POLLOUT) != 0
    }

    /// Returns whether the call is over.
    private mutating func obey(_ command: CallCommand) throws(Conversation.Failure) -> Bool {
        switch command {
        case .start: throw .unintelligible
        case .startT38(let session):
            // A second one is a session refresh: the fax goes on, to the address that is given now.
            guard line == nil else {
                _ = socket.connect(address: session.peerAddress, port: session.peerPort)
                return false
            }
            return try open(session)
        case .hangUp:
            guard line != nil else {
                try finish(code: T30Result.callDropped, pages: 0)
                return true
            }
            // The last confirmation may wait in the socket.
            receiveAll()
            if try report() { return true }
            line?.terminal.hangUp()
            return try report()
        }
    }

    private mutating func open(_ session: T38Session) throws(Conversation.Failure) -> Bool {
        var settings: T38FaxSettings
        var received: ReceivedDocument?
        if setup.isSending {
            settings = T38FaxSettings(
                isCaller: setup.isCaller, document: .send(path: LineDocuments.toSend, firstPage: setup.firstPage),
                identifier: setup.stationIdentifier)
        } else {
            guard let path = LineDocuments.makeReceived() else {
                try finish(code: T30Result.unreadablePage, pages: 0)
                return true
            }
            received = ReceivedDocument(path: path)
            settings = T38FaxSettings(
                isCaller: setup.isCaller, document: .receive(path: path), identifier: setup.stationIdentifier)
        }
        settings.errorCorrection = setup.errorCorrection
        settings.maximumBitRate = session.maximumBitRate
        settings.version = session.version
        settings.isUnpaced = setup.isUnpaced
        let terminal: T38FaxTerminal
        do {
            terminal = try T38FaxTerminal(settings)
        } catch {
            try finish(code: T30Result.unreadableDocument, pages: 0)
            return true
        }
        guard socket.connect(address: session.peerAddress, port: session.peerPort) else {
            try finish(code: T30Result.callDropped, pages: 0)
            return true
        }
        let now = MonotonicTime.now
        line = Line(
            terminal: terminal, received: received,
            // Between two sockets of one machine nothing is lost but by overflow, which smaller datagrams put off.
            sender: UDPTLSender(
                redundancy: setup.isUnpaced ? min(1, session.redundancy) : session.redundancy,
                maximumDatagram: session.maximumDatagram),
            clock: now, replenished: now)
        // T.30's first act is the no-signal indicator, which also opens the way through firewalls: let it go out now.
        line?.terminal.advance(samples: 1)
        transmit()
        return false
    }

    /// One turn: what came, then the time that passed, then what is to go out. In this order a late turn never makes a
    /// timer run out on an answer that is already here.
    private mutating func step() throws(Conversation.Failure) -> Bool {
        guard line != nil else { return false }
        receiveAll()
        if try report() { return true }
        let now = MonotonicTime.now
        guard var clock = line?.clock else { return false }
        if now.milliseconds(since: clock) > Self.longestCatchUp {
            clock = MonotonicTime(nanoseconds: now.nanoseconds - Self.longestCatchUp * 1_000_000)
        }
        while now.milliseconds(since: clock) >= tick {
            clock = clock.adding(milliseconds: tick)
            line?.terminal.advance(samples: Int(tick) * T38FaxTerminal.samplesPerSecond / 1000)
            if try report() { return true }
        }
        line?.clock = clock
        transmit()
        return false
    }

    private mutating func receiveAll() {
        // Bounded, so that a flood cannot hold up the clock.
        for _ in 0..<512 {
            switch socket.receive(into: &buffer) {
            case .nothing: return
            case .foreign: continue
            case .datagram(let datagram):
                for packet in line?.receiver.receive(datagram) ?? [] {
                    line?.terminal.receive(packet.bytes, sequence: packet.sequence)
                }
            }
        }
    }

    private mutating func transmit() {
        // Taken out for the time, so that the queue is not copied at each change.
        guard var line = self.line.take() else { return }
        for packet in line.terminal.takePackets() {
            let datagram = line.sender.datagram(for: packet.bytes)
            for _ in 0..<packet.repeats { line.queue.append(datagram) }
        }
        let now = MonotonicTime.now
        line.queue.replenish(
            milliseconds: setup.isUnpaced
                ? Double(now.nanoseconds - line.replenished.nanoseconds) / 1_000_000 : DatagramQueue.burst)
        line.replenished = now
        line.queue.drain { socket.send($0) != .wouldBlock }
        self.line = line
    }

    /// Tells the gateway what T.30 reported; returns whether that was the end.
    private mutating func report() throws(Conversation.Failure) -> Bool {
        for event in line?.terminal.takeEvents() ?? [] {
            switch event {
            case .negotiated(let result):
                try conversation.send(
                    .negotiated(
                        Negotiation(
                            remoteIdentifier: result.remoteIdentifier, bitRate: result.bitRate,
                            errorCorrection: result.errorCorrection)))
            case .page(let result):
                if let received = line?.received {
                    do {
                        let page = try received.page(at: result.page)
                        try conversation.send(Frame(kind: .page, payload: PagePayload.encode(page)))
                    } catch let failure as Conversation.Failure {
                        throw failure
                    } catch {
                        // T.30's confirmation has not left yet: it never will, and so the sender knows.
                        try finish(code: T30Result.unreadablePage, pages: confirmedPages)
                        return true
                    }
                }
                confirmedPages += 1
                try conversation.send(
                    .page(
                        PageReport(
                            page: result.page, bitRate: result.bitRate, errorCorrection: result.errorCorrection,
                            badRows: result.badRows, retries: result.retries)))
            case .ended(let code, let pages):
                try finish(code: code, pages: pages)
                return true
            }
        }
        return false
    }

    private var confirmedPages = 0

    /// Sends what is still to go out on the line, reports the end and waits until the gateway has it.
    private mutating func finish(code: Int, pages: Int) throws(Conversation.Failure) {
        var attempts = 0
        transmit()
        while line?.queue.isEmpty == false, attempts < 100 {
            usleep(1000)
            transmit()
            attempts += 1
        }
        let negotiation = line?.terminal.negotiation
        try conversation.send(
            .ended(
                CallEnd(
                    code: code, meaning: T30Result.meaning(of: code), pages: pages,
                    remoteIdentifier: negotiation?.remoteIdentifier ?? "", bitRate: negotiation?.bitRate ?? 0,
                    errorCorrection: negotiation?.errorCorrection ?? false)))
        try conversation.drain(milliseconds: 10_000)
    }
}
