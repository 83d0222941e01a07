import FaxModel
import Testing
import WorkerProtocol
import Workers

/// Whole calls between two `faxlock-line` processes on sockets of this machine.
@Suite(.enabled(if: TwoWorkers.areBuilt, "faxlock-line is not built"), .timeLimit(.minutes(10)))
struct WorkerCallTests {
    private let pages = [TwoWorkers.page(1), TwoWorkers.page(2)]

    @Test func pagesArriveOverT38() async throws {
        let (caller, called) = try await TwoWorkers.call(sending: pages, caller: storing(t38), called: storing(t38))
        #expect(called.pages == pages)
        for report in [caller, called] {
            #expect(report.end?.code == 0)
            #expect(report.end?.pages == 2)
            #expect(report.end?.medium == .t38)
            #expect(report.reports.map(\.isLast) == [false, true])
        }
        #expect(caller.end?.remoteIdentifier == "+15551230102")
        // Without pacing there is no time to keep.
        #expect(caller.end?.lateness == nil)
        let frames = try #require(called.end).trace
        #expect(frames.filter(\.isIncoming).map(\.name).suffix(3) == ["PPS-MPS", "PPS-EOP", "DCN"])
        #expect(frames.first { $0.name == "DCS" }?.note == "V.17 14400 ECM T.6 standard")
    }

    /// The one call in real time: G.711 A-law over SRTP.
    @Test func pageArrivesOverProtectedAudio() async throws {
        let one = (1...30).map { UInt8($0) }
        let other = (101...130).map { UInt8($0) }
        @Sendable func begin(_ peer: UInt16, local: [UInt8], remote: [UInt8]) -> CallCommand {
            .startAudio(
                AudioSession(
                    peerAddress: "127.0.0.1", peerPort: peer, codec: .pcma, keys: AudioSession.Keys(local: local, remote: remote)))
        }
        let page = TwoWorkers.page(3, rows: 120)
        let (caller, called) = try await TwoWorkers.call(
            sending: [page], isUnpaced: false, caller: storing { begin($0, local: one, remote: other) },
            called: storing { begin($0, local: other, remote: one) })
        #expect(called.pages == [page])
        #expect(caller.heard == [.ced, .v21])
        #expect(called.heard.first == .cng)
        for report in [caller, called] {
            #expect(report.end?.code == 0)
            #expect(report.end?.pages == 1)
            #expect(report.end?.medium == .audio)
            #expect(report.end?.bitRate == 14400)
            #expect((report.end?.lateness?.ticks ?? 0) > 500)
        }
    }

    /// The callee's gateway offers T.38 when it hears the calling tone; the caller's begins when its far end does.
    @Test func audioBecomesT38() async throws {
        let (caller, called) = try await TwoWorkers.call(
            sending: pages,
            caller: { event, peer in
                switch event {
                case .ready: [audio(peer), audio(peer)]
                case .heard(.ced): [t38(peer), t38(peer)]
                default: []
                }
            },
            called: { event, peer in
                switch event {
                case .ready: [audio(peer)]
                case .heard(.cng): [t38(peer)]
                case .page: [.pageStored, audio(peer)]
                default: []
                }
            })
        #expect(called.pages == pages)
        #expect(caller.end?.code == 0)
        #expect(called.end?.code == 0)
        #expect(called.end?.medium == .t38)
        #expect(called.end?.trace.last?.name == "DCN")
    }

    @Test func pageThatIsNotStoredIsNotConfirmed() async throws {
        let (caller, called) = try await TwoWorkers.call(
            sending: pages,
            caller: storing(t38),
            called: { event, peer in
                switch event {
                case .ready: [t38(peer)]
                case .page(let report): report.isLast ? [.hangUp] : [.pageStored]
                default: []
                }
            })
        #expect(called.pages == pages)
        #expect(called.end?.code == 104)
        #expect(called.end?.pages == 1)
        #expect(caller.reports.map(\.page) == [0])
        #expect(caller.end.map { $0.code != 0 && $0.pages == 1 } == true)
    }

    @Test func hangUpBeforeAnythingIsReported() async throws {
        let (caller, called) = try await TwoWorkers.call(
            sending: pages, caller: { _, _ in [.hangUp] }, called: { event, peer in [audio(peer), .hangUp] })
        for report in [caller, called] {
            #expect(report.end?.code == 49)
            #expect(report.end?.pages == 0)
        }
        #expect(caller.end?.medium == nil)
        #expect(called.end?.medium == .audio)
    }

    @Test func keysOfTheWrongLengthEndTheCall() async throws {
        let (caller, _) = try await TwoWorkers.call(
            sending: pages,
            caller: { _, peer in
                let keys = AudioSession.Keys(local: [1], remote: [])
                return [.startAudio(AudioSession(peerAddress: "127.0.0.1", peerPort: peer, codec: .pcmu, keys: keys))]
            },
            called: { _, _ in [.hangUp] })
        #expect(caller.end?.code == 49)
        #expect(caller.end?.medium == nil)
    }
}

/// The media port.
@Suite(.enabled(if: TwoWorkers.areBuilt, "faxlock-line is not built"), .timeLimit(.minutes(10)))
struct WorkerPortTests {
    private func setup(_ first: UInt16, _ last: UInt16) -> CallSetup {
        CallSetup(
            isCaller: true, isSending: false, stationIdentifier: "", firstPort: first, lastPort: last, deadlineSeconds: 30)
    }

    /// The worker's port; nil if it left without one. It ends when `body` returns.
    private func port(_ first: UInt16, _ last: UInt16, while body: @escaping @Sendable (UInt16?) async throws -> Void) async throws {
        try await TwoWorkers.worker.run(setup: setup(first, last), pages: nil) { conversation in
            for try await message in conversation.messages {
                if case .event(.ready(let port)) = message { return try await body(port) }
            }
            try await body(nil)
        }
    }

    @Test func theRangeIsKeptEvenPortsFirst() async throws {
        // A range that somebody else uses is no matter: there are others.
        for _ in 0..<20 {
            let first = UInt16.random(in: 20_000...29_000) & ~1
            let found = Findings()
            try await port(first, first + 1) { one in
                await found.add(one)
                try await port(first, first + 1) { two in
                    await found.add(two)
                    try await port(first, first + 1) { await found.add($0) }
                }
            }
            let ports = await found.ports
            #expect(ports.count == 3)
            if ports.prefix(2).contains(nil) { continue }
            #expect(ports == [first, first + 1, nil])
            return
        }
        Issue.record("no two free ports in twenty tries")
    }

    @Test func withoutARangeThePortIsEven() async throws {
        try await port(0, 0) { #expect($0.map { $0.isMultiple(of: 2) } == true) }
    }

    @Test func aRangeThatIsNoneIsRefused() async throws {
        try await port(5_000, 4_000) { #expect($0 == nil) }
    }

    private actor Findings {
        private(set) var ports: [UInt16?] = []
        func add(_ port: UInt16?) { ports.append(port) }
    }
}
