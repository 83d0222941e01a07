import Backends
import FaxModel
import Foundation
import Imaging
import Logging
import NIOPosix
import Synchronization
import Testing
import WorkerProtocol
import Workers

/// A line that calls by the stand-in, with its spool in a temporary folder.
struct AsteriskBench: Sendable {
    static let reference = "019a9f3c81d04b7e9a1f6c2d5e8b7a90"
    static let number = "+15551230100"

    let standIn: ManagerStandIn
    let manager: ManagerClient
    let line: AsteriskLine
    let folder: String
    let reports: Reports

    /// What a call reported, in order.
    final class Reports: Sendable {
        private let lines = Mutex<[CallProgress]>([])
        var all: [CallProgress] { lines.withLock { $0 } }
        /// Pages that were confirmed, in order.
        var pages: [Int] {
            all.compactMap { if case .pageConfirmed(let report) = $0 { report.page } else { nil } }
        }
        var isAnswered: Bool { all.contains { if case .answered = $0 { true } else { false } } }
        func add(_ progress: CallProgress) { lines.withLock { $0.append(progress) } }
    }

    struct Refused: Error {}

    static func with(
        isConnected: Bool = true, _ change: (inout AsteriskLine.Configuration) -> Void = { _ in },
        _ body: (AsteriskBench) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/faxlock-asterisk-\(UUID())"
        for name in ["out", "in"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await ManagerStandIn.with { standIn in
            var connection = ManagerClient.Configuration(
                host: "127.0.0.1", port: standIn.port, username: ManagerStandIn.username, secret: ManagerStandIn.secret, tls: nil)
            connection.firstWait = .milliseconds(2)
            connection.longestWait = .milliseconds(10)
            let manager = ManagerClient(
                configuration: connection, group: MultiThreadedEventLoopGroup.singleton, logger: .init(label: "test"))
            var configuration = AsteriskLine.Configuration(dial: "PJSIP/{number}@faxlock-trunk", stationIdentifier: "+1 555 123 0150")
            configuration.settleTime = .milliseconds(100)
            configuration.connectionWait = isConnected ? .seconds(10) : .milliseconds(50)
            change(&configuration)
            let spool = CallSpool(
                out: try SpoolFolder(path: folder + "/out"), incoming: try SpoolFolder(path: folder + "/in"), path: "/spool/out")
            let line = AsteriskLine(manager: manager, spool: spool, configuration: configuration)
            let running = isConnected ? Task { await manager.run() } : nil
            let bench = AsteriskBench(standIn: standIn, manager: manager, line: line, folder: folder, reports: Reports())
            let outcome: Result<Void, any Error>
            do {
                try await body(bench)
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            running?.cancel()
            await running?.value
            try outcome.get()
            #expect(await standIn.violations.isEmpty)
            #expect(try bench.files("out").isEmpty, "the pages must not outlive the call")
        }
    }

    func files(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)").sorted()
    }

    static func page(_ number: Int) -> FaxPage {
        var encoder = T6Encoder(width: 1728)
        for row in 0..<20 {
            [UInt8](repeating: UInt8(truncatingIfNeeded: row &* number), count: 216).withUnsafeBytes { encoder.append(row: $0) }
        }
        return FaxPage(width: 1728, rows: 20, resolution: .fine, t6: encoder.finish())
    }

    static func image(pages: Int) throws -> MemoryFile {
        let file = try MemoryFile()
        var writer = TIFFWriter(pages: pages)
        for number in 0..<pages { try file.append(writer.append(page(number))) }
        try file.append(writer.finish())
        return file
    }

    func call(pages: Int = 3, firstPage: Int = 0, mode: CallMode = .rung(0), expecting station: String? = nil) throws -> OutboundCall {
        OutboundCall(
            reference: Self.reference, number: try #require(PhoneNumber(Self.number)), image: try Self.image(pages: pages),
            documents: [pages],
            firstPage: firstPage, mode: mode, expectedStation: station)
    }

    /// Sends a fax as far as its Originate, which Asterisk has accepted.
    func dial(pages: Int = 3, firstPage: Int = 0, refuse: Bool = false) async throws -> Task<AttemptResult, Never> {
        let sending = try start(pages: pages, firstPage: firstPage, refuse: refuse)
        let originate = await standIn.next("Originate")
        try await standIn.event("Newchannel", "Channel: PJSIP/faxlock-trunk-1", "ChannelState: 0", "Uniqueid: \(Self.reference)")
        try await standIn.respond(originate.actionID ?? "", "Success", "Message: Originate successfully queued")
        return sending
    }

    func start(
        pages: Int = 3, firstPage: Int = 0, refuse: Bool = false, mode: CallMode = .rung(0), expecting station: String? = nil
    ) throws -> Task<AttemptResult, Never> {
        let call = try call(pages: pages, firstPage: firstPage, mode: mode, expecting: station)
        return Task { [line, reports] in
            await line.send(call) { progress in
                if refuse { throw Refused() }
                reports.add(progress)
            }
        }
    }

    func answer() async throws {
        try await standIn.event("Newstate", "ChannelState: 5", "Uniqueid: \(Self.reference)")
        try await standIn.event("Newstate", "ChannelState: 6", "Uniqueid: \(Self.reference)")
        try await standIn.event(
            "OriginateResponse", "ActionID: \(Self.reference)", "Response: Success", "Reason: 4", "Uniqueid: \(Self.reference)")
    }

    func result(status: String = "SUCCESS", pages: Int, error: String = "HANGUP", text: String = "OK") async throws {
        try await standIn.event(
            "UserEvent", "UserEvent: FaxlockResult", "Uniqueid: \(Self.reference)", "Call: \(Self.reference)", "Status: \(status)",
            "Pages: \(pages)", "Rate: 14400", "Mode: T38", "Error: \(error)", "Remote: +15551230100", "Text: \(text)")
    }

    func hangup(cause: Int = 16) async throws {
        try await standIn.event("Hangup", "Uniqueid: \(Self.reference)", "Cause: \(cause)", "Cause-txt: x")
    }

    /// The record that the dialplan leaves.
    func leaveRecord(status: String = "SUCCESS", pages: Int, call: String = reference) throws {
        let text = "Call: \(call)\nStatus: \(status)\nPages: \(pages)\nRate: 9600\nMode: audio\nError: HANGUP\nText: OK\nRemote: \n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/in/\(Self.reference).result"))
    }
}
