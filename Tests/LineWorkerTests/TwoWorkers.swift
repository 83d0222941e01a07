import FaxModel
import Foundation
import Imaging
import NIOPosix
import Testing
import WorkerProtocol
import Workers

/// Two workers, each in its process, and a gateway of a few lines for each.
struct TwoWorkers {
    /// The build puts `faxlock-line` beside the tests.
    static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("faxlock-line").path

    static var areBuilt: Bool { FileManager.default.isExecutableFile(atPath: executable) }

    static var worker: CallWorker { CallWorker(executable: executable, group: MultiThreadedEventLoopGroup.singleton) }

    /// What a worker said.
    struct Report: Sendable {
        var events: [CallEvent] = []
        var pages: [FaxPage] = []

        var end: CallEnd? { if case .ended(let end)? = events.last { end } else { nil } }
        var heard: [FaxSignal] { events.compactMap { if case .heard(let signal) = $0 { signal } else { nil } } }
        var reports: [PageReport] { events.compactMap { if case .page(let report) = $0 { report } else { nil } } }
    }

    /// What the gateway answers to an event, with the far end's port.
    typealias Gateway = @Sendable (CallEvent, _ peer: UInt16) -> [CallCommand]

    /// Both ends' reports of a call with `pages`.
    static func call(
        sending pages: [FaxPage], isUnpaced: Bool = true, caller: @escaping Gateway, called: @escaping Gateway
    ) async throws -> (caller: Report, called: Report) {
        var writer = TIFFWriter(pages: pages.count)
        let document = try MemoryFile()
        for page in pages { try document.append(writer.append(page)) }
        try document.append(writer.finish())

        let (callerPorts, callerPort) = AsyncStream<UInt16>.makeStream()
        let (calledPorts, calledPort) = AsyncStream<UInt16>.makeStream()
        async let first = side(
            CallSetup(
                isCaller: true, isSending: true, stationIdentifier: "+15551230101", isUnpaced: isUnpaced, deadlineSeconds: 120),
            document: document, own: callerPort, peer: calledPorts, gateway: caller)
        async let second = side(
            CallSetup(
                isCaller: false, isSending: false, stationIdentifier: "+15551230102", isUnpaced: isUnpaced, deadlineSeconds: 120),
            document: nil, own: calledPort, peer: callerPorts, gateway: called)
        return try await (first, second)
    }

    static func side(
        _ setup: CallSetup, document: MemoryFile?, own: AsyncStream<UInt16>.Continuation, peer: AsyncStream<UInt16>,
        gateway: @escaping Gateway
    ) async throws -> Report {
        try await worker.run(setup: setup, pages: document) { conversation in
            var report = Report()
            var peerPort: UInt16 = 0
            for try await message in conversation.messages {
                switch message {
                case .page(let page): report.pages.append(page)
                case .event(let event):
                    report.events.append(event)
                    if case .ready(let port) = event {
                        own.yield(port)
                        for await port in peer {
                            peerPort = port
                            break
                        }
                    }
                    if case .ended = event { return report }
                    // As the gateway does: a worker that is over cannot be told anything.
                    for command in gateway(event, peerPort) { try? await conversation.send(command) }
                }
            }
            return report
        }
    }

    /// A page of scattered words.
    static func page(_ number: Int, rows: Int = 300, resolution: Resolution = .standard) -> FaxPage {
        var random = SeededRandom(seed: UInt64(number))
        var bitmap = Bitmap(width: Resolution.width, height: rows)
        for y in 20..<(rows - 20) where y % 24 < 14 {
            var column = 120
            while column < 1600 {
                let width = Int.random(in: 2...14, using: &random)
                bitmap.blacken(columns: column..<(column + width), row: y)
                column += width + Int.random(in: 3...60, using: &random)
            }
        }
        return FaxPage(bitmap, resolution: resolution)
    }
}

/// What a gateway says that begins at once and stores every page.
func storing(_ begin: @escaping @Sendable (UInt16) -> CallCommand) -> TwoWorkers.Gateway {
    { event, peer in
        switch event {
        case .ready: [begin(peer)]
        case .page: [.pageStored]
        default: []
        }
    }
}

@Sendable func t38(_ peer: UInt16) -> CallCommand { .startT38(T38Session(peerAddress: "127.0.0.1", peerPort: peer)) }

@Sendable func audio(_ peer: UInt16) -> CallCommand {
    .startAudio(AudioSession(peerAddress: "127.0.0.1", peerPort: peer, codec: .pcmu))
}
