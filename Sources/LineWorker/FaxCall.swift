import Glibc
import T30
import Telefax
import WorkerProtocol

/// One call from `start` to `ended`: a single thread that polls the conversation and the media socket and keeps T.30's
/// time.
///
/// T.30 begins over audio or over T.38, and may begin anew over T.38 as long as it has no page; it never goes back.
///
/// When the gateway goes away in mid-call T.30 still ends in good order: a sender brings the page under way to its end, hears what the far end
/// says of it, and disconnects (DCN). A receiver, which can store nothing any more, falls silent: nobody would hear it, and its far end has T.30's
/// timers.
struct FaxCall: ~Copyable {
    private let setup: CallSetup
    private var conversation: Conversation
    private let socket: MediaSocket
    private let start = MonotonicTime.now
    private var deadline: MonotonicTime
    private var line: (any MediaLine)?
    private var clock = TickClock(step: 20, start: .now)
    private var received: ReceivedDocument?
    /// When a received page must be stored, which its confirmation waits for.
    private var storeDeadline: MonotonicTime?
    private var lateness = LatenessHistogram()
    /// Whether the media socket has something, or an error to fetch.
    private var hasArrivals = false
    private var patience = ArrivalPatience()
    /// What outlives the gateway; nil on a receiver, and where the gateway gave none.
    private var record: CallRecordWriter?
    /// The gateway is gone and the call goes to its end without it.
    private var isAlone = false
    /// The frames of a T.30 that was given up for T.38.
    private var earlierFrames: [FrameTrace] = []
    /// UDPTL that came from the far end's host while the call was still audio: it may begin before our signalling is done.
    private var earlyDatagrams: [(bytes: [UInt8], address: SocketAddress)] = []
    private var buffer = [UInt8](repeating: 0, count: MediaSocket.maximumDatagram)

    /// How long the gateway may take for a page. The sender gives up after three repetitions of its command anyway.
    private static let longestStore: Int64 = 20_000
    private static let maximumEarly = 100
    /// What an unpaced call still gets without its gateway. Both ends of such a call have the same.
    private static let longestUnpacedEnd: Int64 = 3_000

    init(setup: CallSetup, conversation: Conversation, socket: consuming MediaSocket) {
        self.setup = setup
        self.conversation = conversation
        record = setup.isSending ? conversation.record.map(CallRecordWriter.init) : nil
        deadline = MonotonicTime.now.adding(milliseconds: Int64(max(1, min(setup.deadlineSeconds, 1_000_000))) * 1000)
        self.socket = socket
    }

    /// Runs to the end of the call. Throws when the gateway went away, now or before the end.
    mutating func run() throws(Conversation.Failure) {
        try conversation.send(.ready(port: socket.port))
        while true {
            // First what is here already: the gateway may have sent several commands at once.
            while let command = try conversation.next() {
                if try obey(command) { return }
            }
            conversation.flush()
            if conversation.isLost, !isAlone, !goOnAlone() { throw .closed }
            if try step() { return }
            if MonotonicTime.now > deadline { return try finish(code: T30Result.deadline) }
            if wait() { conversation.read() }
        }
    }

    /// The gateway is gone. Returns false where there is nothing to bring to an end.
    private mutating func goOnAlone() -> Bool {
        guard setup.isSending, let line else { return false }
        isAlone = true
        if setup.isUnpaced { deadline = min(deadline, MonotonicTime.now.adding(milliseconds: Self.longestUnpacedEnd)) }
        line.terminal.leave()
        return true
    }

    /// Sleeps until something came, or the next tick is due; returns whether it came from the gateway.
    private mutating func wait() -> Bool {
        if let line { clock.gather(ticks: line.ticksTogether) }
        let end = line == nil ? deadline.adding(milliseconds: 1) : clock.due
        let mayArrivalsWait = line.map { $0.mayArrivalsWait && !patience.isOver } ?? true
        // Up to the next millisecond, lest the last part of one is spent in turns that do nothing.
        let timeout = (max(0, end.nanoseconds - MonotonicTime.now.nanoseconds) + 999_999) / 1_000_000
        var descriptors: InlineArray<2, pollfd> = [
            pollfd(
                fd: isAlone ? -1 : conversation.descriptor, events: Int16(POLLIN) | (conversation.hasUnsent ? Int16(POLLOUT) : 0),
                revents: 0),
            pollfd(fd: mayArrivalsWait ? -1 : socket.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        var span = descriptors.mutableSpan
        span.withUnsafeMutableBufferPointer { _ = poll($0.baseAddress, nfds_t($0.count), Int32(clamping: timeout)) }
        hasArrivals = mayArrivalsWait && line != nil || descriptors[1].revents != 0
        return descriptors[0].revents & ~Int16(POLLOUT) != 0
    }

    // MARK: What the gateway says

    /// Returns whether the call is over.
    private mutating func obey(_ command: CallCommand) throws(Conversation.Failure) -> Bool {
        switch command {
        case .start, .record: throw .unintelligible
        case .startAudio(let session):
            return try startAudio(session)
        case .startT38(let session):
            return try startT38(session)
        case .pageStored:
            storeDeadline = nil
            line?.terminal.confirmPage()
            return false
        case .hangUp:
            guard let line else {
                try finish(code: T30Result.callDropped)
                return true
            }
            // The last confirmation may wait in the socket.
            receiveAll()
            if try report() { return true }
            // Or in the playout buffer, which is behind on purpose.
            for _ in 0..<line.ticksToDrain {
                line.tick()
                if try report() { return true }
            }
            line.terminal.hangUp()
            return try report()
        }
    }

    private mutating func startAudio(_ session: AudioSession) throws(Conversation.Failure) -> Bool {
        guard let address = socket.address(session.peerAddress, port: session.peerPort) else {
            return try refuseAddress()
        }
        switch line {
        case nil:
            // Early media is nothing of T.30's.
            receiveAll()
            return try open { (settings) throws(FaxTerminal.Failure) in
                try AudioLine(session, address: address, settings: settings)
            }
        case let audio as AudioLine:
            audio.update(session, address: address)
            return false
        default:
            // The far end returns to audio after the fax.
            return false
        }
    }

    private mutating func startT38(_ session: T38Session) throws(Conversation.Failure) -> Bool {
        guard let address = socket.address(session.peerAddress, port: session.peerPort) else {
            return try refuseAddress()
        }
        if let t38 = line as? T38Line {
            // A session refresh: the fax goes on, to the address that is given now.
            t38.redirect(to: address)
            return false
        }
        let audio = line as? AudioLine
        if audio != nil {
            receiveAll()
            if try report() { return true }
        }
        // Its pages would come twice. The gateway knows that and refuses the offer.
        if let audio, audio.terminal.hasPages { return false }
        earlierFrames += trace(of: audio)
        let (isUnpaced, failedTrainings) = (setup.isUnpaced, setup.failedTrainings)
        let isOver = try open { (settings) throws(FaxTerminal.Failure) in
            var settings = settings
            settings.maximumBitRate = min(settings.maximumBitRate, session.maximumBitRate)
            return try T38Line(
                session, address: address, settings: settings, isUnpaced: isUnpaced, formerStream: audio?.stream,
                formerPeer: audio?.settledPeer, failedTrainings: failedTrainings)
        }
        for datagram in earlyDatagrams { line?.receive(datagram.bytes, from: datagram.address) }
        earlyDatagrams = []
        return isOver
    }

    /// An address that cannot be sent to is the gateway's mistake; a call that has begun goes on as it was.
    private mutating func refuseAddress() throws(Conversation.Failure) -> Bool {
        guard line == nil else { return false }
        try finish(code: T30Result.callDropped)
        return true
    }

    /// Begins T.30 on a new line with the document, the received one empty again. Returns whether the call is over.
    private mutating func open(
        _ makeLine: (T30Settings) throws(FaxTerminal.Failure) -> any MediaLine
    ) throws(Conversation.Failure) -> Bool {
        let document: T30Settings.Document
        if setup.isSending {
            document = .send(path: LineDocuments.toSend, firstPage: setup.firstPage)
        } else {
            guard let path = LineDocuments.makeReceived() else {
                try finish(code: T30Result.unreadablePage)
                return true
            }
            received = ReceivedDocument(path: path)
            document = .receive(path: path)
        }
        var settings = T30Settings(
            isCaller: setup.isCaller, document: document, identifier: setup.stationIdentifier)
        settings.errorCorrection = setup.errorCorrection
        settings.maximumBitRate = setup.maximumBitRate
        settings.takesFine = setup.takesFine
        settings.expectedStation = setup.expectedStation
        settings.documents = setup.documents
        do {
            let line = try makeLine(settings)
            self.line = line
            clock = TickClock(step: line.step, start: .now)
            line.transmit(on: socket)
            return false
        } catch {
            // Settings are only rejected when memory is out, or keys are none: then there is no call to speak of.
            try finish(code: error == .rejectedSetting ? T30Result.callDropped : T30Result.unreadableDocument)
            return true
        }
    }

    // MARK: The line

    /// One turn: the time that was slept through, what came, then the last tick, then what is to go out. In this order a
    /// late turn never makes a timer run out on an answer that is already here.
    private mutating func step() throws(Conversation.Failure) -> Bool {
        guard let line else { return false }
        let now = MonotonicTime.now
        line.terminal.milliseconds = Int(now.milliseconds(since: start))
        while clock.advanceAsleep(to: now) {
            line.tick()
            if try report() { return true }
        }
        if hasArrivals {
            receiveAll()
            if try report() { return true }
        }
        if let storeDeadline, now > storeDeadline {
            line.terminal.hangUp()
            if try report() { return true }
        }
        while let lateness = clock.advance(to: now) {
            if !setup.isUnpaced || line.medium == .audio { self.lateness.note(microseconds: lateness) }
            line.tick()
            if try report() { return true }
        }
        line.transmit(on: socket)
        return false
    }

    private mutating func receiveAll() {
        // Bounded, so that a flood cannot hold up the clock.
        for count in 0..<512 {
            patience.note(count)
            switch socket.receive(into: &buffer) {
            case .nothing: return
            case .unusable: continue
            case .datagram(let datagram, let address):
                line?.receive(datagram, from: address)
                if let audio = line as? AudioLine, audio.isPeer(address), earlyDatagrams.count < Self.maximumEarly,
                    UDPTLReceiver.isSound(datagram)
                {
                    earlyDatagrams.append((datagram, address))
                }
            }
        }
    }

    // MARK: What the gateway is told

    /// Tells the gateway what T.30 reported; returns whether that was the end.
    private mutating func report() throws(Conversation.Failure) -> Bool {
        if let line, record?.follow(line.terminal) == false {
            try finish(code: T30Result.unrecorded, isSilent: true)
            return true
        }
        for event in line?.terminal.takeEvents() ?? [] {
            switch event {
            case .heard(let signal):
                try conversation.send(.heard(FaxSignal(signal)))
            case .negotiated(let result):
                try conversation.send(
                    .negotiated(
                        Negotiation(
                            remoteIdentifier: result.remoteIdentifier, bitRate: result.bitRate,
                            errorCorrection: result.errorCorrection)))
            case .page(let result):
                if let received {
                    do {
                        let page = try received.page(at: result.page)
                        conversation.send(Frame(kind: .page, payload: PagePayload.encode(page)))
                    } catch {
                        // T.30's confirmation has not left yet: it never will, and so the sender knows.
                        try finish(code: T30Result.unreadablePage)
                        return true
                    }
                    storeDeadline = MonotonicTime.now.adding(milliseconds: Self.longestStore)
                }
                record?.confirm(page: result.page)
                try conversation.send(
                    .page(
                        PageReport(
                            page: result.page, bitRate: result.bitRate, errorCorrection: result.errorCorrection,
                            badRows: result.badRows, retries: result.retries, isLast: result.isLast)))
            case .documentBegan:
                try conversation.send(.documentBegan)
            case .ended(let code, _):
                try finish(code: code)
                return true
            }
        }
        return false
    }

    /// Sends what is still to go out on the line, unless `isSilent`, reports the end and waits until the gateway has it.
    private mutating func finish(code: Int, isSilent: Bool = false) throws(Conversation.Failure) {
        var attempts = isSilent ? 100 : 0
        if !isSilent { line?.transmit(on: socket) }
        while attempts < 100, line?.hasUnsent == true {
            usleep(1000)
            line?.transmit(on: socket)
            attempts += 1
        }
        record?.end(code: code, pages: line?.terminal.confirmedPages ?? 0)
        let negotiation = line?.terminal.negotiation
        try conversation.send(
            .ended(
                CallEnd(
                    code: code, meaning: T30Result.meaning(of: code), pages: line?.terminal.confirmedPages ?? 0,
                    remoteIdentifier: negotiation?.remoteIdentifier ?? "", bitRate: negotiation?.bitRate ?? 0,
                    errorCorrection: negotiation?.errorCorrection ?? false, medium: line?.medium,
                    trace: Array((earlierFrames + trace(of: line)).suffix(FrameTrace.maximum)),
                    lateness: lateness.summary)))
        conversation.drain(milliseconds: 10_000)
        guard !conversation.isLost else { throw .closed }
    }

    private func trace(of line: (any MediaLine)?) -> [FrameTrace] {
        (line?.terminal.trace ?? []).map {
            FrameTrace(
                milliseconds: $0.milliseconds, isIncoming: $0.isIncoming, name: $0.name, length: $0.length, note: $0.note)
        }
    }
}

extension FaxSignal {
    init(_ signal: T30Signal) {
        self =
            switch signal {
            case .cng: .cng
            case .ced: .ced
            case .v21: .v21
            }
    }
}
