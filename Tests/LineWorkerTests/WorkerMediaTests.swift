import Glibc
import Synchronization
import Telefax
import Testing
import WorkerProtocol
import Workers

/// What comes to a worker's socket from strangers, and at the last moment.
@Suite(.enabled(if: TwoWorkers.areBuilt, "faxlock-line is not built"), .timeLimit(.minutes(10)))
struct WorkerMediaTests {
    private let pages = [TwoWorkers.page(1)]

    /// A stranger's UDPTL lies in the socket before the gateway's word comes that the call is T.38 now.
    @Test func theFaxDoesNotGoToWhoSentBeforeTheFarEnd() async throws {
        let stranger = try #require(ForeignSocket(address: "127.0.0.2"))
        let own = Mutex<[String: UInt16]>([:])
        @Sendable func symmetric(_ peer: UInt16) -> CallCommand {
            .startT38(T38Session(peerAddress: "127.0.0.1", peerPort: peer, isSymmetric: true))
        }
        @Sendable func gateway(_ name: String, offersAfter signal: FaxSignal) -> TwoWorkers.Gateway {
            { event, peer in
                switch event {
                case .ready(let port):
                    own.withLock { $0[name] = port }
                    return [.startAudio(AudioSession(peerAddress: "127.0.0.1", peerPort: peer, codec: .pcmu, isSymmetric: true))]
                case .heard(signal):
                    let port = own.withLock { $0[name] ?? 0 }
                    for sequence in UInt8(0)..<8 { stranger.send([0, sequence, 1, 0, 0, 0], port: port) }
                    return [symmetric(peer)]
                case .page: return [.pageStored]
                default: return []
                }
            }
        }
        let (caller, called) = try await TwoWorkers.call(
            sending: pages, caller: gateway("caller", offersAfter: .ced), called: gateway("called", offersAfter: .cng))
        #expect(called.pages == pages)
        for report in [caller, called] {
            #expect(report.end?.code == 0)
            #expect(report.end?.medium == .t38)
        }
    }

    /// The last frame before a BYE is still in the playout buffer when the gateway hangs up.
    @Test func whatIsInThePlayoutBufferIsHeardBeforeTheEnd() async throws {
        let farEnd = try #require(ForeignSocket(address: "127.0.0.1"))
        let setup = CallSetup(isCaller: true, isSending: false, stationIdentifier: "", deadlineSeconds: 30)
        let events = try await TwoWorkers.worker.run(setup: setup, pages: nil) { conversation in
            var events: [CallEvent] = []
            for try await message in conversation.messages {
                guard case .event(let event) = message else { continue }
                events.append(event)
                if case .ended = event { break }
                guard case .ready(let port) = event else { continue }
                try await conversation.send(
                    .startAudio(AudioSession(peerAddress: "127.0.0.1", peerPort: farEnd.port, codec: .pcmu)))
                await farEnd.waitForDatagram()
                for number in 0..<45 { farEnd.send(AnswerTone.packet(number), port: port) }
                try await conversation.send(.hangUp)
            }
            return events
        }
        #expect(events.contains(.heard(.ced)))
    }
}

/// CED, 2,100 Hz, in RTP with mu-law.
enum AnswerTone {
    static func packet(_ number: Int) -> [UInt8] {
        let samples = (0..<160).map { Int16(8_000 * sin(2 * Double.pi * 2_100 * Double(number * 160 + $0) / 8_000)) }
        return RTPPacket(
            payloadType: 0, isMarked: false, sequence: UInt16(number), timestamp: 160 * UInt32(number), source: 7,
            payload: G711.encode(samples, .mu)
        ).encoded
    }
}
