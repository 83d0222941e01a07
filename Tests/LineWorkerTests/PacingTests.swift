import Imaging
import T30
import Testing
import WorkerProtocol
import Workers

@testable import LineWorker

/// How often a T.38 line is to be awakened in a page. Time is counted in ticks: nothing waits.
@Suite struct PacingTests {
    /// One machine of a call, driven as ``FaxCall`` drives it.
    private struct End: ~Copyable {
        let line: T38Line
        let socket: MediaSocket
        private(set) var turns = 0
        /// The most ticks that came together while it sent.
        private(set) var mostTogether: Int64 = 0
        private(set) var result: Int?
        private var made = 0
        private var due = 1
        private var buffer = [UInt8](repeating: 0, count: MediaSocket.maximumDatagram)

        init(_ line: T38Line, _ socket: consuming MediaSocket) {
            self.line = line
            self.socket = socket
        }

        mutating func turn(at tick: Int) {
            let isDue = tick >= due
            guard isDue || !line.mayArrivalsWait else { return }
            line.terminal.milliseconds = tick * 30
            while made < (isDue ? tick - 1 : tick) {
                line.tick()
                made += 1
            }
            var hasArrivals = false
            while case .datagram(let bytes, let address) = socket.receive(into: &buffer) {
                line.receive(bytes, from: address)
                hasArrivals = true
            }
            if isDue {
                line.tick()
                made += 1
            }
            for event in line.terminal.takeEvents() {
                switch event {
                case .page: line.terminal.confirmPage()
                case .ended(let code, _): result = code
                default: break
                }
            }
            line.transmit(on: socket)
            guard isDue || hasArrivals else { return }
            turns += 1
            due = made + Int(line.ticksTogether)
            guard let terminal = line.terminal as? T38FaxTerminal, terminal.isSendingData, !terminal.isReceiving else { return }
            mostTogether = max(mostTogether, line.ticksTogether)
        }
    }

    @Test func afterAFloodNothingWaits() {
        var patience = ArrivalPatience()
        for count in 0...ArrivalPatience.mostOfAFarEnd { patience.note(count) }
        #expect(!patience.isOver)
        patience.note(ArrivalPatience.mostOfAFarEnd + 1)
        patience.note(0)
        #expect(patience.isOver)
    }

    @Test(arguments: [(nil, 3), (1800, 3), (200, 3), (120, 2), (72, 1), (0, 1)] as [(Int?, Int64)])
    func whatGoesAtOnceFitsIntoTheFarEndsBuffer(maximumBuffer: Int?, packets: Int64) throws {
        let page = TwoWorkers.page(1, rows: 500)
        var writer = TIFFWriter(pages: 1)
        let document = try MemoryFile()
        try document.append(writer.append(page))
        try document.append(writer.finish())
        let received = try MemoryFile()

        func end(
            _ socket: consuming MediaSocket, peer: UInt16, isCaller: Bool, document: T30Settings.Document, maximumBuffer: Int?
        ) throws -> End {
            let address = try #require(SocketAddress(address: "127.0.0.1", port: peer))
            let line = try T38Line(
                T38Session(peerAddress: "127.0.0.1", peerPort: peer, maximumDatagram: 1400, maximumBuffer: maximumBuffer), address: address,
                settings: T30Settings(isCaller: isCaller, document: document), isUnpaced: false, formerStream: nil, formerPeer: nil,
                failedTrainings: 0)
            return End(line, socket)
        }
        let first = try MediaSocket(bindAddress: "127.0.0.1", ports: nil)
        let second = try MediaSocket(bindAddress: "127.0.0.1", ports: nil)
        let (firstPort, secondPort) = (first.port, second.port)
        var sender = try end(
            first, peer: secondPort, isCaller: true, document: .send(path: "/proc/self/fd/\(document.descriptor)", firstPage: 0),
            maximumBuffer: maximumBuffer)
        var receiver = try end(
            second, peer: firstPort, isCaller: false, document: .receive(path: "/proc/self/fd/\(received.descriptor)"), maximumBuffer: nil)
        var tick = 0
        while sender.result == nil || receiver.result == nil, tick < 6000 {
            tick += 1
            sender.turn(at: tick)
            receiver.turn(at: tick)
        }
        #expect(sender.result == 0 && receiver.result == 0, "after \(tick) ticks")
        #expect(receiver.line.terminal.confirmedPages == 1)
        #expect(sender.mostTogether == packets)
        // Neither is awake at each tick: the receiver sleeps through the page in any case.
        #expect(receiver.turns * 2 < tick, "\(receiver.turns) of \(tick)")
        #expect(packets < 3 || sender.turns * 2 < tick, "\(sender.turns) of \(tick)")
    }
}
